import { describe, expect, test } from "@jest/globals";
import { join } from "node:path";
import { checkContext } from "../../../preview/checks";
import { network } from "../../../preview/checks/network";
import { operators } from "../../../preview/checks/operators";
import { secretAccess } from "../../../preview/checks/secret-access";
import { secretEntries } from "../../../preview/checks/secret-entries";
import { secretReferences } from "../../../preview/checks/secret-references";
import type { Json, ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { platformSchema, type PlatformConfig } from "../../../stacks/schema";
import { allCases } from "../../real/stacks/cases";
import { env, graph, object, workload, type Node } from "../support";

type Settings = Record<string, unknown>;

const DENY = policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });

function policy(name: string, spec: Record<string, Json>, namespace = "noetl"): Node {
  return object({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name, namespace }, spec });
}

function service(name: string, port: number, targetPort: Json): Node {
  const spec = { selector: { app: name }, ports: [{ port, targetPort }] };
  return object({ apiVersion: "v1", kind: "Service", metadata: { name, namespace: "noetl" }, spec });
}

/** A workload that calls `store`, and store itself behind its Service. */
function caller(variables: Record<string, string | Record<string, Json>>): Node[] {
  return [
    workload({ name: "caller", container: { env: env(variables) } }),
    workload({ name: "store", container: { ports: [{ name: "sql", containerPort: 5432 }] } }),
    service("store", 80, "sql"),
  ];
}

function configOf(settings: Settings = {}): PlatformConfig {
  return platformSchema.parse({
    profile: "kind",
    cluster: { context: "kind-noetl" },
    postgres: { mode: "inCluster" },
    ...settings,
  });
}

/** Findings about resources of the graph, without those about flows of the table that a hand-made graph does not use. */
function findings(shown: ResourceGraph, settings: Settings = {}) {
  const found = network.run(checkContext({ graph: shown, config: configOf(settings) }));
  return found.filter(({ resource }) => resource !== "stacks/network/flows.ts");
}

const ALLOWED = [
  DENY,
  policy("allow-caller", { podSelector: { matchLabels: { app: "caller" } }, egress: [{ ports: [{ port: 5432 }] }] }),
  policy("allow-store", { podSelector: { matchLabels: { app: "store" } }, ingress: [{ ports: [{ port: 5432 }] }] }),
];

describe("addresses in environments", () => {
  test.each<[string, Record<string, string | Record<string, Json>>]>([
    ["of a URL", { STORE_URL: "http://store.noetl.svc.cluster.local" }],
    ["of a URL in JSON", { WORK: '{"url":"http://store.noetl.svc:80/x"}' }],
    ["of a host and a port", { STORE_HOST: "store", STORE_PORT: "80" }],
    ["of a pod", { STORE_URL: "http://store-{shard}.store.noetl.svc.cluster.local:80" }],
  ])(
    "given the address %s, when policies allow it, then nothing is wrong; else who lets nothing through",
    (_, variables) => {
      expect(findings(graph(...caller(variables), ...ALLOWED))).toEqual([]);
      const [variable = ""] = Object.keys(variables);
      expect(findings(graph(...caller(variables), DENY))).toEqual([
        {
          severity: "error",
          rule: "network",
          resource: "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::caller",
          message: `${variable} of container 'app' leads to noetl/store, port 5432, which it may not reach: nothing in default-deny lets it out of its own pods; nothing in default-deny lets it into the pods there`,
          fix: "add the flow from Deployment noetl/caller to noetl/store, port 5432 to stacks/network/flows.ts or noetl:networkPolicy.flows, or take the address out of noetl:caller",
        },
      ]);
    },
  );

  test.each([
    ["an address", "http://10.1.2.3:5432", "10.1.2.3, port 5432"],
    ["a name outside", "https://api.example.com/x", "api.example.com, port 443"],
    ["a Service of somebody else", "http://vault.vault.svc:8200", "vault.vault.svc, port 8200"],
  ])("given %s that no policy lets it reach, then that is told", (_, url, where) => {
    const shown = graph(workload({ name: "caller", container: { env: env({ URL: url }) } }), DENY);
    expect(findings(shown)).toMatchObject([
      { message: expect.stringContaining(`URL of container 'app' leads to ${where}`) },
    ]);
  });

  test.each([
    ["its own address", { BIND: "http://0.0.0.0:80", OTHER: "http://127.0.0.1:1", THIRD: "http://localhost:2" }],
    ["a URL that it tells others", { NOETL_PUBLIC_SERVER_URL: "https://noetl.example.com" }],
    ["no address", { LOG: "info,x=debug", PATH: "system/x" }],
  ])("given %s, then nothing is wrong", (_, variables) => {
    expect(findings(graph(...caller(variables), DENY))).toEqual([]);
  });

  test("given a URL in one of the platform's Secrets, then it is known where it leads to", () => {
    const shown = graph(
      workload({
        name: "caller",
        container: { env: env({ NATS_URL: { secretKeyRef: { name: "noetl-nats", key: "NOETL_NATS_URL" } } }) },
      }),
      workload({ name: "nats", namespace: "nats", kind: "StatefulSet" }),
      object({
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "nats", namespace: "nats" },
        spec: { selector: { app: "nats" }, ports: [{ port: 4222 }] },
      }),
      DENY,
      policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }, "nats"),
    );
    expect(findings(shown)).toMatchObject([
      { message: expect.stringMatching(/^NATS_URL .* leads to nats\/nats, port 4222/) },
    ]);
  });
});

test("given mode off, then it is the policies' affair", () => {
  expect(findings(graph(workload()), { profile: "gke", networkPolicy: { mode: "off" } })).toEqual([]);
});

describe("a platform of any settings", () => {
  test.each(allCases())("given $name, then every address is reached", async ({ settings }) => {
    const context = checkContext({ graph: await renderStack(settings), config: settings.config });
    const found = [network, operators, secretReferences, secretAccess, secretEntries].flatMap((check) =>
      check.run(context),
    );
    expect(found.filter(({ severity, rule }) => severity === "error" || rule.startsWith("secret-"))).toEqual([]);
  });

  test("given one pod that names its own Service, then it reaches itself; one of several may mean another", () => {
    const own = (replicas: number) =>
      workload({
        name: "store",
        spec: { replicas },
        container: { env: env({ OWN_URL: "http://store:80" }), ports: [{ name: "sql", containerPort: 5432 }] },
      });
    expect(findings(graph(own(1), service("store", 80, "sql"), DENY))).toEqual([]);
    expect(findings(graph(own(2), service("store", 80, "sql"), DENY))).toHaveLength(1);
  });
});

describe("flows of nobody", () => {
  const flow = (to: Settings, port: number) => ({
    workerPools: [{ name: "w", poolName: "w", segment: "shared" }],
    networkPolicy: { flows: [{ from: { workload: "workers" }, to, ports: [port], reason: "something of ours" }] },
  });

  /** What is said of a whole platform of these settings. */
  async function said(settings: Settings): Promise<(readonly [string, string])[]> {
    const config = configOf(settings);
    const file = join(__dirname, "Pulumi.test.yaml");
    const shown = await renderStack({ stack: "test", file, config });
    return network
      .run(checkContext({ graph: shown, config }))
      .map(({ resource, message }) => [resource, message] as const);
  }

  test("given labels that no workload has, then the flow is named with its place", async () => {
    expect(await said(flow({ namespace: "nats", labels: ["app=gone"] }, 4222))).toEqual([
      [
        "noetl:networkPolicy.flows[0]",
        "nobody uses the flow from workers to gone in nats (something of ours): no workload is gone in nats",
      ],
    ]);
  });

  test("given a port that nobody listens at, then that is told", async () => {
    expect(await said(flow({ workload: "nats" }, 4333))).toEqual([
      [
        "noetl:networkPolicy.flows[0]",
        "nobody uses the flow from workers to nats (something of ours): no container there declares port 4333",
      ],
    ]);
  });

  test("given a flow that is of use, or that leads out of the platform, then nothing is wrong", async () => {
    expect(await said(flow({ workload: "nats" }, 8222))).toEqual([]);
    expect(await said(flow({ cidr: "10.0.0.0/8" }, 1))).toEqual([]);
  });
});
