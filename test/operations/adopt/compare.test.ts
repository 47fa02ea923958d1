import { describe, expect, test } from "@jest/globals";
import { isImportable, judge, judgeSecret } from "../../../operations/adopt/compare";
import { stepFor } from "../../../operations/adopt/steps";
import type { Json, Manifest } from "../../../preview/graph";

const manifest = (kind: string, rest: Record<string, Json> = {}): Manifest => ({
  apiVersion: "v1",
  kind,
  metadata: { name: "x", namespace: "noetl" },
  ...rest,
});

const pods = (...containers: Json[]): Record<string, Json> => ({ spec: { template: { spec: { containers } } } });

describe("judging a live object", () => {
  test("given the result of a dry run that differs, tells paths and no value", () => {
    const planned = manifest("Deployment", pods({ name: "a", image: "new" }));
    const live = manifest("Deployment", pods({ name: "a", image: "old" }));

    expect(judge(planned, live, { result: planned })).toEqual({
      changed: ["spec.template.spec.containers[a].image"],
      kept: [],
      refused: [],
    });
  });

  test("given only what the server writes of itself, finds nothing", () => {
    const planned = manifest("Service");
    const live = { ...planned, metadata: { ...planned.metadata, uid: "1", generation: 1 }, status: { a: 1 } };
    const result = { ...planned, metadata: { ...planned.metadata, uid: "1", generation: 2, managedFields: [] } };

    expect(judge(planned, live, { result })).toEqual({ changed: [], kept: [], refused: [] });
  });

  test("given a variable that only the live object has, says that it stays", () => {
    const env = (...names: string[]): Json => names.map((name) => ({ name, value: "canary" }));
    const planned = manifest("Deployment", pods({ name: "a", env: env("ONE") }));
    const live = manifest("Deployment", pods({ name: "a", env: env("ONE", "TWO") }));

    expect(judge(planned, live, { result: live }).kept).toEqual(["spec.template.spec.containers[a].env[TWO]"]);
  });

  test("given a container of another name, refuses to run both", () => {
    const planned = manifest("Deployment", pods({ name: "new" }));
    const live = manifest("Deployment", pods({ name: "old" }));
    const result = manifest("Deployment", pods({ name: "new" }, { name: "old" }));

    const { refused } = judge(planned, live, { result });

    expect(refused).toEqual(["spec.template.spec.containers[old]: would go on running beside the program's container"]);
    expect(stepFor(planned, live, refused, "c")).toBe(
      `give it the program's name: kubectl --context c -n noetl patch deployment x --type=json -p '[{"op":"replace","path":"/spec/template/spec/containers/0/name","value":"NAME"}]'`,
    );
  });

  test("given a refusal, tells the fields and none of the values", () => {
    const message = 'Invalid value: "canary: secret": field is immutable';
    const refused = { message: `x is invalid: ${message}`, details: { causes: [{ field: "spec.selector", message }] } };
    const planned = manifest("Deployment");

    expect(judge(planned, planned, { refused }).refused).toEqual(["spec.selector: field is immutable"]);
  });
});

describe("judging a Secret", () => {
  const live = manifest("Secret", { type: "Opaque", data: { A: "", B: "" } });

  test.each([
    ["a key that is missing", { stringData: { A: "<secret>", C: "<secret>" } }, ["data.C"], ["data.B"], []],
    ["the same keys", { stringData: { A: "<secret>", B: "<secret>" } }, [], [], []],
    [
      "another type",
      { type: "kubernetes.io/tls", stringData: { A: "<secret>", B: "<secret>" } },
      [],
      [],
      ['type: "kubernetes.io/tls" is wanted, and cannot be changed'],
    ],
  ])("given %s", (_, rest: Record<string, Json>, changed, kept, refused) => {
    expect(judgeSecret(manifest("Secret", rest), live)).toEqual({ changed, kept, refused });
  });
});

describe("what may be imported", () => {
  const set = (claims: Json): Record<string, Json> => ({ spec: { volumeClaimTemplates: claims } });

  test.each([
    ["a ConfigMap, whatever is in it", manifest("ConfigMap"), manifest("ConfigMap"), false],
    ["a Secret", manifest("Secret"), manifest("Secret"), false],
    ["claims as written", manifest("StatefulSet", set([])), manifest("StatefulSet", set([])), true],
    ["claims with defaults", manifest("StatefulSet", set([{}])), manifest("StatefulSet", set([{ a: 1 }])), false],
    [
      "an address given by the cluster",
      manifest("Service"),
      manifest("Service", { spec: { clusterIP: "10.0.0.1" } }),
      false,
    ],
    ["a Namespace", manifest("Namespace"), manifest("Namespace", { spec: {} }), true],
  ])("given %s", (_, planned, live, expected) => {
    expect(isImportable(planned, live)).toBe(expected);
  });
});

describe("the next step", () => {
  test("given a literal value where the program refers to a Secret, names the variable", () => {
    const variables = (...env: Json[]): Manifest => manifest("Deployment", pods({ name: "a", env }));
    const planned = variables({ name: "ONE", valueFrom: {} }, { name: "TWO", value: "2" });
    const live = variables({ name: "ONE", value: "canary" }, { name: "TWO", value: "1" });

    expect(stepFor(planned, live, ["spec.template.spec.containers[0].env[1].valueFrom: may not be"], "c")).toBe(
      "remove the literal values, which rolls the pods: kubectl --context c -n noetl set env deployment/x ONE-",
    );
  });

  test.each([
    ["Job", "kubectl --context c -n noetl delete job x: the update runs it again, which is safe"],
    [
      "StatefulSet",
      "keep the live value with a setting or a transform; or kubectl --context c -n noetl delete statefulset x --cascade=orphan, which leaves its pods and claims",
    ],
    ["RoleBinding", "kubectl --context c -n noetl delete rolebinding x just before the update, which creates it again"],
  ])("given a %s that is refused", (kind, step) => {
    expect(stepFor(manifest(kind), {}, ["spec: field is immutable"], "c")).toBe(step);
  });
});
