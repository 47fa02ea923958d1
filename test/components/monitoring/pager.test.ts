import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { parse } from "yaml";
import {
  alertmanagerConfig,
  FLIP_LABELS,
  hasSomebody,
  type PagerFacts,
  receiversFor,
  RECEIVERS,
} from "../../../components/monitoring/alertmanager";
import { alertmanagerYaml, Pager, type PagerArgs } from "../../../components/monitoring/pager";
import { SEVERITIES } from "../../../components/monitoring/rules";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const TIMES = { groupWait: "30s", groupInterval: "5m", repeatInterval: "4h" };
const pagerDuty = { routingKey: "canary-routing-key" };
const slack = { webhookUrl: "https://hooks.slack.com/services/canary", channel: "#noetl-prod-alerts" };
const BOTH: PagerFacts = { ...TIMES, pagerDuty, slack };

describe("the configuration of an Alertmanager", () => {
  test("routes what guards the flip first, then each severity, and bundles by alert and cluster", () => {
    expect(alertmanagerConfig(BOTH).route).toStrictEqual({
      receiver: "default",
      group_by: ["alertname", "cluster"],
      group_wait: "30s",
      group_interval: "5m",
      repeat_interval: "4h",
      routes: [
        {
          matchers: ['noetl_io_flip_guardrail="publish-only"', 'severity="critical"'],
          receiver: "noetl-flip-pager",
          continue: false,
        },
        { matchers: ['severity="critical"'], receiver: "noetl-critical", continue: false },
        { matchers: ['severity="warning"'], receiver: "noetl-warning", continue: false },
      ],
    });
  });

  test.each<[string, Partial<PagerFacts>, Record<string, string[]>]>([
    [
      "both",
      { pagerDuty, slack },
      {
        default: [],
        "noetl-flip-pager": ["pagerduty_configs", "slack_configs"],
        "noetl-critical": ["pagerduty_configs", "slack_configs"],
        "noetl-warning": ["slack_configs"],
      },
    ],
    [
      "PagerDuty alone",
      { pagerDuty },
      {
        default: [],
        "noetl-flip-pager": ["pagerduty_configs"],
        "noetl-critical": ["pagerduty_configs"],
        "noetl-warning": ["pagerduty_configs"],
      },
    ],
    [
      "Slack alone",
      { slack },
      {
        default: [],
        "noetl-flip-pager": ["slack_configs"],
        "noetl-critical": ["slack_configs"],
        "noetl-warning": ["slack_configs"],
      },
    ],
    ["nobody", {}, { default: [], "noetl-flip-pager": [], "noetl-critical": [], "noetl-warning": [] }],
  ])("given %s, has these behind each receiver", (_, ways, expected) => {
    const { receivers } = alertmanagerConfig({ ...TIMES, ...ways });
    const found = receivers.map(({ name, ...integrations }) => [name, Object.keys(integrations)]);
    expect(Object.fromEntries(found)).toStrictEqual(expected);
  });

  test("keeps every key to the byte, whatever printable text it is", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (key) => {
        const text = alertmanagerYaml({ ...TIMES, pagerDuty: { routingKey: key, url: "http://127.0.0.1:1" } });
        const { receivers } = parse(text) as ReturnType<typeof alertmanagerConfig>;
        expect(receivers[1]?.pagerduty_configs?.[0]).toMatchObject({ routing_key: key, url: "http://127.0.0.1:1" });
      }),
    );
  });

  test.each<[Record<string, string>, string]>([
    [FLIP_LABELS, RECEIVERS.flip],
    [{ ...FLIP_LABELS, severity: "warning" }, RECEIVERS.warning],
    [{ severity: "critical" }, RECEIVERS.critical],
    [{ severity: "critical", noetl_io_flip_guardrail: "other" }, RECEIVERS.critical],
    [{ severity: "info" }, RECEIVERS.nobody],
    [{}, RECEIVERS.nobody],
  ])("an alert with %j reaches %s", (labels, receiver) => {
    expect(receiversFor(alertmanagerConfig(BOTH), labels)).toStrictEqual([receiver]);
  });

  test.each([{ pagerDuty }, { slack }, { pagerDuty, slack }])("with %j, every severity reaches somebody", (ways) => {
    const config = alertmanagerConfig({ ...TIMES, ...ways });
    for (const severity of SEVERITIES) {
      expect(receiversFor(config, { severity }).map((name) => hasSomebody(config, name))).toStrictEqual([true]);
    }
    expect(hasSomebody(config, RECEIVERS.nobody)).toBe(false);
  });

  test("follows branches that go on, and branches of branches", () => {
    const { receivers, route } = alertmanagerConfig(BOTH);
    const routes = [
      {
        matchers: ['severity="critical"'],
        receiver: "a",
        continue: true,
        routes: [{ matchers: ['x="y"'], receiver: "b" }],
      },
      { matchers: ['severity="critical"'], receiver: "c" },
    ];
    const config = { receivers, route: { ...route, routes } };
    expect(receiversFor(config, { severity: "critical" })).toStrictEqual(["a", "c"]);
    expect(receiversFor(config, { severity: "critical", x: "y" })).toStrictEqual(["b", "c"]);
  });
});

describe("the pager", () => {
  const make = (place: PagerArgs["place"]) => recorded(() => new Pager("pager", { ...BOTH, place }));

  test("with Google Managed Prometheus, is a Secret in gmp-public and a patch of the OperatorConfig", async () => {
    const externalLabels = { cluster: "noetl-cluster", location: "us-central1", project_id: "acme-prod" };
    const graph = await make({ kind: "gmp", externalLabels });
    expect(objectNames(graph)).toStrictEqual(["OperatorConfig/config", "Secret/alertmanager"]);
    expect(objectNamed(graph, "Secret/alertmanager")).toMatchObject({
      metadata: { name: "alertmanager", namespace: "gmp-public" },
      stringData: { "alertmanager.yaml": "<secret>" },
    });
    expect(objectNamed(graph, "OperatorConfig/config")).toStrictEqual({
      apiVersion: "monitoring.googleapis.com/v1",
      kind: "OperatorConfig",
      metadata: {
        name: "config",
        namespace: "gmp-public",
        annotations: { "pulumi.com/patchFieldManager": "noetl-pager" },
      },
      managedAlertmanager: { configSecret: { name: "alertmanager", key: "alertmanager.yaml" } },
      collection: { externalLabels },
      rules: { externalLabels },
    });
  });

  test("patches, and never creates: a type of its own, after the Secret", async () => {
    const { resources } = await make({ kind: "gmp" });
    const patch = resources.find(({ name }) => name === "operator-config");
    expect(patch?.type).toBe("kubernetes:monitoring.googleapis.com/v1:OperatorConfigPatch");
    expect(patch?.dependencies).toEqual([expect.stringContaining("kubernetes:core/v1:Secret::alertmanager")]);
  });

  test("leaves the labels to Google where the stack does not name the project", async () => {
    const config = objectNamed(await make({ kind: "gmp" }), "OperatorConfig/config");
    expect(Object.keys(config).sort()).toStrictEqual(["apiVersion", "kind", "managedAlertmanager", "metadata"]);
  });

  test("with the Prometheus Operator, is the Secret that an Alertmanager of that name reads", async () => {
    const graph = await make({ kind: "prometheusOperator", namespace: "monitoring", name: "main" });
    expect(objectNames(graph)).toStrictEqual(["Secret/alertmanager-main"]);
    expect(objectNamed(graph, "Secret/alertmanager-main").metadata.namespace).toBe("monitoring");
  });

  test("shows no key anywhere", async () => {
    expect(JSON.stringify(await make({ kind: "gmp" }))).not.toContain("canary");
  });
});
