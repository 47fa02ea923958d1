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
    leafnodes: [],
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
