import { describe, expect, test } from "@jest/globals";
import type { NatsFacts } from "../../../components/nats/facts";
import * as manifests from "../../../components/nats/manifests";
import { quantityValue } from "../../../components/kubernetes/quantity";
import { secretConf, serverConf } from "../../../components/nats/server-conf";
import { memberFacts } from "../../../components/nats/supercluster-facts";
import { natsSize } from "../../../preview/nats/conf";
import { natsSuperclusterSchema } from "../../../stacks/schema/nats-supercluster";
import { REFERENCE } from "./supercluster-plan";

/*
 * Every value that the platform's supercluster manifests and their guide state, and what the `reference` topology renders
 * for it. What it adds is not here: passwords in a Secret, credentials of routes and gateways, restricted pods.
 */

const [a, b] = memberFacts(REFERENCE).map(({ nats }) => nats);
if (!a || !b) throw new Error("the reference has two clusters");

const PASSWORDS = { system: "s", noetl: "n", cluster: "c", gateway: "g" };
const conf = serverConf(a);
const secrets = secretConf(a, PASSWORDS);
const statefulSet = statefulSetOf(a);
const pod = statefulSet.spec.template;
const [container] = pod.spec.containers;
const service = manifests.headlessService(a) as unknown as Service;
const config = manifests.configMap(a) as unknown as Metadata;
const LABELS = {
  app: "nats-cluster-a",
  component: "nats",
  "cluster-id": "a",
  region: "us-east-1",
  "managed-by": "noetl",
};
const HOST = "nats-cluster-a.nats-supercluster.svc.cluster.local";

describe("every value of the platform's supercluster manifests", () => {
  test.each<[what: string, rendered: unknown, stated: unknown]>([
    ["namespace", statefulSet.metadata.namespace, "nats-supercluster"],
    ["StatefulSet of cluster a", statefulSet.metadata.name, "nats-cluster-a"],
    ["StatefulSet of cluster b", statefulSetOf(b).metadata.name, "nats-cluster-b"],
    ["ConfigMap", config.metadata.name, "nats-cluster-a-config"],
    ["headless Service", service.metadata.name, "nats-cluster-a"],
    ["the Service is headless", service.spec.clusterIP, "None"],
    ["it publishes pods that are not ready", service.spec.publishNotReadyAddresses, true],
    [
      "its ports",
      service.spec.ports.map(({ name, port }) => [name, port]),
      [
        ["client", 4222],
        ["monitoring", 8222],
        ["cluster", 6222],
        ["gateway", 7222],
      ],
    ],
    ["no second Service for clients", manifests.hasClientService(a), false],
    ["replicas (cluster_size)", statefulSet.spec.replicas, 3],
    ["Service that names the pods", statefulSet.spec.serviceName, "nats-cluster-a"],
    ["labels of the StatefulSet", picked(statefulSet.metadata.labels, LABELS), LABELS],
    ["labels of the pods", picked(pod.metadata.labels, LABELS), LABELS],
    ["labels of the Service", picked(service.metadata.labels, LABELS), LABELS],
    ["labels of the ConfigMap", picked(config.metadata.labels, LABELS), LABELS],
    ["port", entry(conf, "port"), "4222"],
    ["http_port", entry(conf, "http_port"), "8222"],
    ["jetstream.store_dir", entry(block(conf, "jetstream"), "store_dir"), '"/data/jetstream"'],
    [
      "jetstream.domain of a",
      entry(block(conf, "jetstream"), "domain"),
      '"tenant_default_org_default_region_us_east_1_cluster_a"',
    ],
    [
      "jetstream.domain of b",
      entry(block(serverConf(b), "jetstream"), "domain"),
      '"tenant_default_org_default_region_us_west_2_cluster_b"',
    ],
    ["jetstream.max_memory_store", sizeOf("max_memory_store"), natsSize("1GB")],
    ["jetstream.max_file_store", sizeOf("max_file_store"), natsSize("5GB")],
    ["cluster.name", entry(block(conf, "cluster"), "name"), '"a"'],
    ["cluster.port", entry(block(conf, "cluster"), "port"), "6222"],
    [
      "cluster.routes",
      [...secrets.matchAll(/"(nats-route:\/\/)[^@"]+@([^"]+)"/g)].map(([, scheme = "", rest = ""]) => scheme + rest),
      [0, 1, 2].map((index) => `nats-route://nats-cluster-a-${index}.${HOST}:6222`),
    ],
    ["gateway.name", entry(block(conf, "gateway"), "name"), '"a"'],
    ["gateway.port", entry(block(conf, "gateway"), "port"), "7222"],
    [
      "gateway.gateways of a",
      block(conf, "gateway").includes(
        '{ name: "b", urls: ["nats://nats-cluster-b.nats-supercluster.svc.cluster.local:7222"] }',
      ),
      true,
    ],
    [
      "gateway.gateways of b",
      block(serverConf(b), "gateway").includes(
        '{ name: "a", urls: ["nats://nats-cluster-a.nats-supercluster.svc.cluster.local:7222"] }',
      ),
      true,
    ],
    ["accounts and their users", users(conf), ["$SYS/sys", "NOETL/noetl"]],
    ["NOETL has JetStream", block(conf, "NOETL").includes("jetstream: true"), true],
    ["$SYS has none", block(conf, '"$SYS"').includes("jetstream"), false],
    ["server_name is the pod's name", entry(conf, "server_name"), "$POD_NAME"],
    [
      "POD_NAME comes from the downward API",
      container.env.find(({ name }) => name === "POD_NAME")?.valueFrom,
      { fieldRef: { fieldPath: "metadata.name" } },
    ],
    [
      "ports of the container",
      container.ports.map(({ name, containerPort }) => [name, containerPort]),
      [
        ["client", 4222],
        ["monitoring", 8222],
        ["cluster", 6222],
        ["gateway", 7222],
      ],
    ],
    ["startup asks", container.startupProbe.httpGet.path, "/healthz?js-server-only=true"],
    ["startup gives the cluster time", container.startupProbe.failureThreshold >= 60, true],
    ["startup period", container.startupProbe.periodSeconds, 5],
    ["liveness asks", container.livenessProbe.httpGet.path, "/healthz?js-server-only=true"],
    ["readiness asks", container.readinessProbe.httpGet.path, "/healthz?js-enabled-only=true"],
    ["CPU requested", cores(container.resources.requests.cpu), cores("250m")],
    ["memory requested", container.resources.requests.memory, "512Mi"],
    ["CPU limit", cores(container.resources.limits.cpu), cores("1000m")],
    ["memory limit", container.resources.limits.memory, "2Gi"],
    ["volume claim", statefulSet.spec.volumeClaimTemplates[0]?.metadata.name, "nats-storage"],
    ["size of the volume", statefulSet.spec.volumeClaimTemplates[0]?.spec.resources.requests.storage, "5Gi"],
    ["the volume is mounted", container.volumeMounts.find(({ name }) => name === "nats-storage")?.mountPath, "/data"],
  ])("%s", (_, rendered, stated) => {
    expect(rendered).toEqual(stated);
  });

  test("a single server a cluster keeps its own route and its gateway, as for kind", () => {
    const [single] = memberFacts({
      ...REFERENCE,
      clusters: REFERENCE.clusters.map((cluster) => ({ ...cluster, replicas: 1 })),
    });
    if (!single) throw new Error("no cluster");
    expect(statefulSetOf(single.nats).spec.replicas).toBe(1);
    expect(block(serverConf(single.nats), "gateway")).toContain('name: "b"');
    expect(secretConf(single.nats, PASSWORDS)).toContain(`@nats-cluster-a-0.${HOST}:6222"`);
  });

  test("they are also the defaults of the stack file", () => {
    const clusters = REFERENCE.clusters.map(({ name, region }) => ({ name, region }));
    const { topology, tenant, org, storage, jetstream, maxPayload, resources, image } = REFERENCE;
    expect(natsSuperclusterSchema.parse({ topology, clusters })).toEqual({
      topology,
      tenant,
      org,
      clusters: REFERENCE.clusters,
      image,
      storage: storage.size,
      jetstream,
      maxPayload,
      resources,
      tenants: [],
      gatewayPort: 7222,
    });
  });
});

/** A block of nats.conf, by the line that opens it. */
function block(text: string, name: string): string {
  const start = text.indexOf(`${name} {\n`);
  const indent = text.slice(text.lastIndexOf("\n", start) + 1, start);
  return text.slice(start, text.indexOf(`\n${indent}}`, start));
}

/** The value of the first entry of a name, without comment. */
function entry(text: string, name: string): string | undefined {
  return new RegExp(`^\\s*${name}: ([^#\\n]+?)(?: #.*)?$`, "m").exec(text)?.[1];
}

function sizeOf(name: string): number {
  return Number(entry(block(conf, "jetstream"), name));
}

function users(text: string): string[] {
  return ['"$SYS"', "NOETL"].flatMap((account) =>
    [...block(text, account).matchAll(/user: "(\w+)"/g)].map(
      ([, user = ""]) => `${account.replaceAll('"', "")}/${user}`,
    ),
  );
}

function cores(cpu: string): number {
  return quantityValue(cpu);
}

function picked(all: Record<string, string>, like: Record<string, string>): Record<string, string | undefined> {
  return Object.fromEntries(Object.keys(like).map((key) => [key, all[key]]));
}

interface Metadata {
  metadata: { name: string; namespace: string; labels: Record<string, string> };
}

interface Service extends Metadata {
  spec: { clusterIP: string; publishNotReadyAddresses: boolean; ports: { name: string; port: number }[] };
}

interface Probe {
  httpGet: { path: string };
  periodSeconds: number;
  failureThreshold: number;
}

interface StatefulSet extends Metadata {
  spec: {
    replicas: number;
    serviceName: string;
    template: {
      metadata: { labels: Record<string, string> };
      spec: {
        containers: [
          {
            env: { name: string; valueFrom?: unknown }[];
            ports: { name: string; containerPort: number }[];
            startupProbe: Probe;
            livenessProbe: Probe;
            readinessProbe: Probe;
            resources: Record<"requests" | "limits", { cpu: string; memory: string }>;
            volumeMounts: { name: string; mountPath: string }[];
          },
        ];
      };
    };
    volumeClaimTemplates: { metadata: { name: string }; spec: { resources: { requests: { storage: string } } } }[];
  };
}

function statefulSetOf(facts: NatsFacts): StatefulSet {
  return manifests.statefulSet(facts, "") as unknown as StatefulSet;
}
