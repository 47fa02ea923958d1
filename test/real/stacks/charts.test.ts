import { beforeAll, expect, it } from "@jest/globals";
import { Ajv } from "ajv";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Json } from "../../../preview/graph";
import { at } from "../../../preview/json";
import { renderStack } from "../../../preview/render";
import { CHARTS } from "../../../stacks/versions";
import { downloadModule } from "../../../tools/go";
import { allCases } from "./cases";
import { describeUnless, schemasImpossible } from "./requirements";

/*
 * The values of cert-manager's release against its own chart, of the version that is deployed. Not proved here: what
 * Helm makes of them.
 */

/** A stack that installs cert-manager. */
const CASE = "cert-manager-installed";

const RESTRICTED_POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } };
const RESTRICTED_CONTAINER = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };

describeUnless(schemasImpossible(), "the chart of cert-manager", () => {
  let chart: string;
  let values: Json;

  beforeAll(async () => {
    const module = await downloadModule(
      `github.com/cert-manager/cert-manager@${CHARTS.certManager.version}`,
      process.env,
    );
    chart = join(module.Dir, "deploy/charts/cert-manager");
    const found = allCases().find(({ name }) => name === CASE);
    if (!found) throw new Error(`no case ${CASE}`);
    const { resources } = await renderStack(found.settings);
    const release = resources.find(({ inputs }) => inputs.chart === CHARTS.certManager.chart);
    values = release?.inputs.values ?? null;
  });

  it("takes the rendered values, and refuses one that it does not know", () => {
    const schema = JSON.parse(readFileSync(join(chart, "values.schema.json"), "utf8")) as object;
    const validate = new Ajv({ strict: false }).compile(schema);

    expect([validate(values), validate.errors]).toStrictEqual([true, null]);
    expect(validate({ ...(values as object), replicas: 2 })).toBe(false);
  });

  it("keeps each of its pods to the restricted level, since the namespace demands it", () => {
    const defaults = parse(readFileSync(join(chart, "values.yaml"), "utf8")) as Json;

    for (const path of [[], ["webhook"], ["cainjector"], ["startupapicheck"]]) {
      expect(at(defaults, ...path, "securityContext")).toMatchObject(RESTRICTED_POD);
      expect(at(defaults, ...path, "containerSecurityContext")).toMatchObject(RESTRICTED_CONTAINER);
      expect(at(values, ...path, "securityContext")).toBeUndefined();
      expect(at(values, ...path, "containerSecurityContext")).toBeUndefined();
    }
  });

  it("names its parts and their ports as the network policies do", () => {
    const text = (file: string) => readFileSync(join(chart, "templates", file), "utf8");
    const helpers = text("_helpers.tpl");

    for (const part of ["webhook", "cainjector", "startupapicheck"]) {
      const file = part === "startupapicheck" ? "startupapicheck-job.yaml" : `${part}-deployment.yaml`;
      expect(text(file)).toContain(`app: {{ include "${part}.name" . }}`);
      expect(helpers).toContain(`define "${part}.name" -}}\n{{- printf "${part}" -}}`);
    }
    expect(text("deployment.yaml")).toMatch(/containerPort: 9402\n\s+name: http-metrics/);
    expect(text("webhook-deployment.yaml")).toContain("containerPort: {{ .Values.webhook.securePort }}");
  });
});
