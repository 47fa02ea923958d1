import { describe, expect, test } from "@jest/globals";
import { impactBetween, type ImpactReport } from "../../../preview/impact";
import type { Json } from "../../../preview/graph";
import { configMap, env, graph, object, resource, workload, type Node } from "../support";
import { nats } from "../nats/support";

const NAMES = { stack: "kind", before: "before", after: "after" };

function compare(before: Node[], after: Node[]): ImpactReport {
  return impactBetween(graph(...before), graph(...after), NAMES);
}

/** `Kind name: impact (rule), …` of each resource of a report. */
function lines({ resources }: ImpactReport): string[] {
  return resources.map(({ kind, name, effects }) => {
    const said = effects.map(({ impact, rule }) => (rule === undefined ? impact : `${impact} (${rule})`));
    return `${kind} ${name}: ${said.join(", ")}`;
  });
}

const server = (image: string, spec: Record<string, Json> = {}): Node =>
  workload({ name: "server", spec: { replicas: 3, ...spec }, container: { image } });

describe("given a resource on one side only", () => {
  test("when it is new, then it is created", () => {
    expect(compare([], [server("a:1")])).toStrictEqual({
      ...NAMES,
      resources: [
        {
          urn: "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::server",
          kind: "Deployment",
          namespace: "noetl",
          name: "server",
          change: "added",
          fields: [],
          effects: [{ impact: "create", reason: "a new object", fields: [] }],
        },
      ],
      same: 0,
      findings: [],
    });
  });

  test.each<[string, Node, string[]]>([
    ["a workload", server("a:1"), ["Deployment server: delete"]],
    [
      "a claim",
      claim("1Gi"),
      ["PersistentVolumeClaim data: data-at-risk (data), data-at-risk (volume-removed), delete"],
    ],
    [
      "what is protected",
      { ...server("a:1"), protect: true },
      ["Deployment server: data-at-risk (data-guarded), refused (pulumi-protect)"],
    ],
    [
      "what is retained",
      { ...claim("1Gi"), retainOnDelete: true },
      ["PersistentVolumeClaim data: delete (pulumi-retain)"],
    ],
    [
      "a key that is generated",
      resource("random:index/randomBytes:RandomBytes", "encryption-key", { length: 32 }),
      ["RandomBytes encryption-key: data-at-risk (data), delete"],
    ],
  ])("when %s goes, then that is told with what it holds", (_what, node, expected) => {
    expect(lines(compare([node], []))).toStrictEqual(expected);
  });
});

describe("given an object on both sides", () => {
  test("when nothing differs, then it is only counted", () => {
    expect(compare([server("a:1")], [server("a:1")])).toStrictEqual({ ...NAMES, resources: [], same: 1, findings: [] });
  });

  test("when the image changes, then the pods are replaced, so many at a time and for so long", () => {
    const probes = {
      startupProbe: { failureThreshold: 10, periodSeconds: 2, timeoutSeconds: 1 },
      readinessProbe: { periodSeconds: 5, timeoutSeconds: 2, initialDelaySeconds: 3 },
    };
    const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
    const made = (image: string): Node[] => [
      workload({
        name: "server",
        spec: { replicas: 3, strategy, minReadySeconds: 4 },
        container: { image, ...probes },
      }),
    ];

    const { resources } = compare(made("a:1"), made("a:2"));

    expect(resources).toMatchObject([
      {
        change: "changed",
        fields: [{ path: "spec.template.spec.containers[app].image", before: "a:1", after: "a:2" }],
        effects: [
          {
            impact: "rolling-restart",
            reason:
              "the pod template changes, so the controller replaces the pods: 3 pods, none away and 1 more at a time",
            fields: ["spec.template.spec.containers[app].image"],
            rule: "pod-template",
          },
        ],
        // Three rounds of at most 10 × 2 + 1 s to start, 5 + 2 s to be asked, and 4 s to wait.
        rollout: { pods: 3, unavailable: 0, surge: 1, longestSeconds: 96 },
      },
    ]);
  });

  test.each<[string, Node, Node, string[]]>([
    [
      "replicas fall",
      server("a"),
      server("a", { replicas: 2 }),
      ["Deployment server: capacity-drop (capacity), update"],
    ],
    ["replicas grow", server("a"), server("a", { replicas: 4 }), ["Deployment server: update"]],
    [
      "the selector of a Deployment changes",
      server("a", { selector: { matchLabels: { app: "a" } } }),
      server("a", { selector: { matchLabels: { app: "b" } } }),
      ["Deployment server: replace (workload-selector)"],
    ],
    [
      "a claim shrinks",
      claim("2Gi"),
      claim("1Gi"),
      ["PersistentVolumeClaim data: data-at-risk (volume-shrunk), refused (claim-shrinks)"],
    ],
    ["a claim grows", claim("1Gi"), claim("2Gi"), ["PersistentVolumeClaim data: update (claim-grows)"]],
    ["a size is written otherwise", claim("1Gi"), claim("1024Mi"), []],
    [
      "the settings of a random value change",
      resource("random:index/randomId:RandomId", "id", { byteLength: 4 }),
      resource("random:index/randomId:RandomId", "id", { byteLength: 8 }),
      ["RandomId id: replace (other-provider)"],
    ],
  ])("when %s, then that is what is told", (_what, before, after, expected) => {
    expect(lines(compare([before], [after]))).toStrictEqual(expected);
  });

  test("when its parent in the program changes, then Pulumi is told not to know it", () => {
    const moved = { type: "noetl:x:Y", name: "y", custom: false, inputs: {}, children: [server("a")] };

    expect(lines(compare([server("a")], [moved]))).toStrictEqual(["Deployment server: refused (pulumi-moved)"]);
  });
});

describe("given NATS servers", () => {
  const budget = object({
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "nats", namespace: "nats" },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: "nats" } } },
  });

  test("when their image changes, then the quorum and the budget hold", () => {
    const made = (image: string): Node[] => [...nats({ replicas: 3, container: { image } }), budget];

    const { resources } = compare(made("nats:1"), made("nats:2"));

    expect(resources).toMatchObject([
      { kind: "StatefulSet", rollout: { pods: 3, unavailable: 1, quorumHolds: true, budgetHolds: true } },
    ]);
  });

  test("when their claims grow, then all of them go at once, and neither holds", () => {
    const made = (storage: string): Node[] => [...nats({ replicas: 3, storage }), budget];

    const report = compare(made("8Gi"), made("9Gi"));

    expect(lines(report)).toStrictEqual(["StatefulSet nats: data-at-risk (data), replace (stateful-set-fixed)"]);
    expect(report.resources[0]?.rollout).toMatchObject({ unavailable: 3, quorumHolds: false, budgetHolds: false });
  });

  const region = (name: string, peers: string[], replicas: number, image: string): Node[] =>
    nats({ name, peers, replicas, container: { image } });
  const quorums = ({ resources }: ImpactReport): unknown[] =>
    resources.map(({ name, rollout }) => [name, rollout?.pods, rollout?.unavailable, rollout?.quorumHolds]);

  test("when a supercluster restarts, then it is said of each cluster that the quorum holds: four of six stay", () => {
    const [east, west] = ["nats-east", "nats-west"];
    const made = (image: string): Node[] => [...region(east, [west], 3, image), ...region(west, [east], 3, image)];

    expect(quorums(compare(made("nats:1"), made("nats:2")))).toStrictEqual([
      [east, 3, 1, true],
      [west, 3, 1, true],
    ]);
  });

  test("when clusters of a supercluster that have one server each restart side by side, then the meta group has lost its quorum", () => {
    const names = ["nats-a", "nats-b", "nats-c"];
    const made = (images: readonly string[]): Node[] =>
      names.flatMap((name, index) =>
        region(
          name,
          names.filter((other) => other !== name),
          1,
          images[index] ?? "",
        ),
      );

    expect(quorums(compare(made(["1", "1", "1"]), made(["2", "1", "1"])))).toStrictEqual([["nats-a", 1, 1, true]]);
    expect(quorums(compare(made(["1", "1", "1"]), made(["2", "2", "1"])))).toStrictEqual([
      ["nats-a", 1, 1, false],
      ["nats-b", 1, 1, false],
    ]);
  });

  test("when a cluster that is no member of the supercluster restarts, then the quorum of the others is not asked", () => {
    const [east, west] = ["nats-east", "nats-west"];
    const made = (image: string): Node[] => [
      ...region(east, [west], 1, "nats:1"),
      ...region(west, [east], 1, "nats:1"),
      ...nats({ name: "nats", replicas: 1, container: { image } }),
    ];

    expect(quorums(compare(made("nats:1"), made("nats:2")))).toStrictEqual([["nats", 1, 1, undefined]]);
  });

  test("when a store shrinks, then the hazard marks the servers and stands among the findings", () => {
    const report = compare(nats({ file: "4GB" }), nats({ file: "3GB" }));

    expect(report.findings.map(({ rule }) => rule)).toStrictEqual(["nats-store-lowered"]);
    expect(lines(report)).toContain("StatefulSet nats: data-at-risk (nats-store-lowered), update (mounted)");
  });
});

describe("given a ConfigMap", () => {
  const reader = (from: Json, revision = "1"): Node =>
    workload({ name: "app", podAnnotations: { revision }, container: { envFrom: [from] } });
  const map = (value: string): Node => configMap("settings", { key: value }, "noetl");
  const source = { configMapRef: { name: "settings" } };

  test("when pods read it as variables, then it is seen at their next restart, and they are told", () => {
    const { resources } = compare([map("1"), reader(source)], [map("2"), reader(source)]);

    expect(resources.map(({ kind, change, effects }) => [kind, change, effects])).toStrictEqual([
      [
        "ConfigMap",
        "changed",
        [
          {
            impact: "update",
            reason: "Deployment app reads it as variables, and keeps the old values until its pods restart",
            fields: ["data.key"],
            rule: "config-content",
          },
        ],
      ],
      [
        "Deployment",
        "same",
        [
          {
            impact: "update",
            reason: "its pods keep the old variables until they restart: ConfigMap settings",
            fields: [],
            rule: "read-at-start",
            causedBy: "urn:pulumi:kind::noetl::kubernetes:core/v1:ConfigMap::settings",
          },
        ],
      ],
    ]);
  });

  test("when the pods restart with the change, then they read it", () => {
    const report = compare([map("1"), reader(source, "1")], [map("2"), reader(source, "2")]);

    expect(lines(report)).toStrictEqual([
      "Deployment app: rolling-restart (pod-template)",
      "ConfigMap settings: update (config-content)",
    ]);
  });

  test("when the provider may not change content, then it is replaced", () => {
    const provider = resource("pulumi:providers:kubernetes", "cluster", {});

    expect(lines(compare([provider, map("1")], [provider, map("2")]))).toStrictEqual([
      "ConfigMap settings: replace (content-replaced), update (config-content)",
    ]);
  });
});

describe("given a Secret", () => {
  test("when its value comes from one that is made anew, then who reads it is told", () => {
    const value = { secretKeyRef: { name: "login", key: "password" } };
    const secret = object({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login", namespace: "noetl" },
      stringData: { password: "<secret>" },
    });
    const made = (length: number): Node[] => [
      resource("random:index/randomPassword:RandomPassword", "password", { length }),
      secret,
      workload({ container: { env: env({ PASSWORD: value }) } }),
    ];
    const after = graph(...made(32));
    const password = after.resources[1]?.urn ?? "";
    for (const one of after.resources) if (one.name === "login") one.dependencies = [password];

    expect(lines(impactBetween(graph(...made(16)), after, NAMES))).toStrictEqual([
      "RandomPassword password: replace (other-provider)",
      "Deployment app: secret-rotation (read-at-start)",
      "Secret login: secret-rotation (secret-content)",
    ]);
  });
});

function claim(storage: string): Node {
  return object({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "data", namespace: "noetl" },
    spec: { resources: { requests: { storage } } },
  });
}
