import { expect, test } from "@jest/globals";
import { serverConf } from "../../../components/nats/server-conf";
import { natsPlan } from "../../../operations/nats/plan";
import { topologyPicture } from "../../../operations/nats/topology-picture";
import { topologyText } from "../../../operations/nats/topology-text";
import type { Json, Resource, ResourceGraph } from "../../../preview/graph";
import { plain } from "../../../preview/style";
import { CLUSTER_FACTS } from "../../components/nats/facts";
import { configOf, stackText } from "../../stacks/config/support";

const CONFIG = configOf(stackText(""));

function object(kind: string, name: string, rest: Record<string, Json>): Resource {
  const metadata = { name, namespace: "nats", labels: { region: `region-${name.charAt(0)}` } };
  const inputs = { apiVersion: kind === "ConfigMap" ? "v1" : "apps/v1", kind, metadata, ...rest };
  const identity = { urn: `${kind}/${name}`, type: `kubernetes:${kind}`, name };
  return { ...identity, dependencies: [], custom: true, protect: false, retainOnDelete: false, inputs };
}

/** Two clusters joined by gateways, as they are rendered. */
function supercluster(): ResourceGraph {
  const resources = ["a", "b"].flatMap((name) => {
    const peer = name === "a" ? "b" : "a";
    const gateway = { peers: [{ name: peer, urls: [`nats://${peer}-headless.nats.svc.cluster.local:7222`] }] };
    const jetstream = { ...CLUSTER_FACTS.jetstream, domain: "noetl" };
    const conf = serverConf({ ...CLUSTER_FACTS, name, gateway, jetstream });
    return [
      object("ConfigMap", `${name}-config`, { data: { "nats.conf": conf } }),
      object("StatefulSet", name, { spec: { replicas: 3 } }),
    ];
  });
  return { project: "noetl", stack: "test", resources };
}

test("given two clusters, then the plan names servers, region, domain and gateways of each", () => {
  const cluster = (name: string, peer: string) => ({
    statefulSet: name,
    namespace: "nats",
    name,
    servers: [`${name}-0`, `${name}-1`, `${name}-2`],
    region: `region-${name}`,
    domain: "noetl",
    gateways: [peer],
  });
  expect(natsPlan(supercluster(), CONFIG).clusters).toStrictEqual([cluster("a", "b"), cluster("b", "a")]);
});

test("given two clusters, then text and picture show both and the link between them once", () => {
  const plan = { ...natsPlan(supercluster(), CONFIG), streams: [] };
  expect(topologyText(plan, plain)).toBe(
    [
      "NATS of test",
      "  a  3 servers · namespace nats · region region-a · domain noetl",
      "    a-0",
      "    a-1",
      "    a-2",
      "    → routes between its 3 servers",
      "    → gateway to cluster b",
      "  b  3 servers · namespace nats · region region-b · domain noetl",
      "    b-0",
      "    b-1",
      "    b-2",
      "    → routes between its 3 servers",
      "    → gateway to cluster a",
      "",
    ].join("\n"),
  );
  const picture = topologyPicture(plan);
  expect(picture.match(/class="link"/g)).toHaveLength(1);
  expect(picture).toContain("prefers-color-scheme:dark");
});

/** Two clusters joined by leafnodes, with a tenant, as the stack file plans them. */
function independent() {
  const spoke = { ...CLUSTER_FACTS, name: "nats-cluster-b", clusterName: "b" };
  const remotes = ["noetl", "acme"].map((user) => ({
    name: user,
    urls: ["nats-leaf://nats-cluster-a.nats.svc.cluster.local:7422"],
    user,
    account: user.toUpperCase(),
  }));
  const members = [
    { ...spoke, leafnodes: { listen: false, remotes } },
    { ...CLUSTER_FACTS, name: "nats-cluster-a", clusterName: "a", leafnodes: { listen: true, remotes: [] } },
  ];
  const resources = members.flatMap((facts) => [
    object("ConfigMap", `${facts.name}-config`, { data: { "nats.conf": serverConf(facts) } }),
    object("StatefulSet", facts.name, { spec: { replicas: 3 } }),
  ]);
  const clusters = "clusters: [{ name: a, region: r1, replicas: 3 }, { name: b, region: r2, replicas: 3 }]";
  const config = configOf(stackText(`noetl:natsSupercluster: { topology: independent, ${clusters} }`));
  return { ...natsPlan({ project: "noetl", stack: "test", resources }, config), streams: [] };
}

test("given leafnodes, then the plan names the hub and the accounts, hub and spokes in order", () => {
  expect(independent().clusters.map(({ name, leafnodes }) => [name, leafnodes])).toEqual([
    ["a", undefined],
    ["b", { hub: "a", accounts: ["NOETL", "ACME"] }],
  ]);
});

test("given leafnodes, then the text tells where they lead, and for whom", () => {
  expect(topologyText(independent(), plain).split("\n").slice(6)).toEqual([
    "  b  3 servers · namespace nats · region region-n",
    "    nats-cluster-b-0",
    "    nats-cluster-b-1",
    "    nats-cluster-b-2",
    "    → routes between its 3 servers",
    "    → leafnodes to cluster a, for 2 accounts: NOETL, ACME",
    "",
  ]);
});

test("given leafnodes, then the picture has one dashed line, between the hub and the other", () => {
  const picture = topologyPicture(independent());
  expect(picture.match(/<line [^>]*>/g)).toEqual(['<line x1="242" y1="191" x2="718" y2="191" class="link dash"/>']);
  expect(picture).toContain(">→ leafnodes to cluster a, for 2 accounts: NOETL, ACME</text>");
});

test("given servers with long names, then the picture cuts them in the middle, and shows at most three in a row", () => {
  const [cluster] = independent().clusters;
  const servers = [0, 1, 2, 3, 4].map((index) => `nats-cluster-with-a-long-name-${index}`);
  const plan = { stack: "test", streams: [], clusters: cluster ? [{ ...cluster, servers }] : [] };
  const shown = [...topologyPicture(plan).matchAll(/ x="([\d.]+)" y="([\d.]+)" [^>]*>(nats-[^<]*…[^<]*)</g)];
  expect(shown.map(([, x, y, name]) => [x, y, name])).toEqual([
    ["108.7", "218", "nats-clu…g-name-0"],
    ["242", "218", "nats-clu…g-name-1"],
    ["375.3", "218", "nats-clu…g-name-2"],
    ["108.7", "256", "nats-clu…g-name-3"],
    ["242", "256", "nats-clu…g-name-4"],
  ]);
});
