import { describe, expect, it } from "@jest/globals";
import * as pulumi from "@pulumi/pulumi";
import { NatsCluster, type NatsClusterArgs } from "../../../components/nats/cluster";
import type { NatsConnection } from "../../../components/nats/connection";
import * as manifests from "../../../components/nats/manifests";
import { restartChecksum } from "../../../components/nats/reload-table";
import { serverConf } from "../../../components/nats/server-conf";
import type { Resource } from "../../../preview/graph";
import { record } from "../../../preview/recorder";
import { FACTS } from "./facts";

const { name: NAME, ...REST } = FACTS;
const ARGS: NatsClusterArgs = { ...REST, passwords: { system: "canary-system", noetl: "canary-noetl" } };

describe("NatsCluster", () => {
  it("registers itself and its children, and nothing else", async () => {
    const { resources } = await deploy(ARGS);
    expect(resources.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "pulumi:pulumi:Stack noetl-test",
      "noetl:nats:NatsCluster nats",
      "kubernetes:core/v1:ServiceAccount nats",
      "kubernetes:core/v1:Service nats",
      "kubernetes:core/v1:Service nats-headless",
      "kubernetes:core/v1:ConfigMap nats-config",
      "kubernetes:core/v1:Secret nats-auth",
      "kubernetes:apps/v1:StatefulSet nats",
    ]);
    const [stack, cluster, ...children] = resources;
    expect(cluster?.parent).toBe(stack?.urn);
    expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set([cluster?.urn]));
  });

  it("registers what the builders say", async () => {
    const { resources } = await deploy(ARGS);
    const checksum = restartChecksum(serverConf(FACTS));
    expect(find(resources, "ServiceAccount", "nats").inputs).toMatchObject(manifests.serviceAccount(FACTS));
    expect(find(resources, "ConfigMap", "nats-config").inputs).toMatchObject(manifests.configMap(FACTS));
    expect(find(resources, "Service", "nats").inputs).toMatchObject(manifests.clientService(FACTS));
    expect(find(resources, "Service", "nats-headless").inputs).toMatchObject(manifests.headlessService(FACTS));
    expect(find(resources, "StatefulSet", "nats").inputs).toMatchObject(manifests.statefulSet(FACTS, checksum));
  });

  it("replaces pods only after the configuration they read", async () => {
    const { resources } = await deploy(ARGS);
    expect(find(resources, "StatefulSet", "nats").dependencies).toEqual(
      expect.arrayContaining([
        find(resources, "ConfigMap", "nats-config").urn,
        find(resources, "Secret", "nats-auth").urn,
      ]),
    );
  });

  it.each([
    ["plain", ARGS.passwords],
    ["secret", { system: pulumi.secret("canary-system"), noetl: pulumi.secret("canary-noetl") }],
  ])("keeps %s passwords in the Secret only", async (_case, passwords) => {
    const { resources } = await deploy({ ...ARGS, passwords });
    expect(find(resources, "Secret", "nats-auth").inputs.stringData).toEqual({ "passwords.conf": "<secret>" });
    expect(JSON.stringify(resources)).not.toContain("canary");
  });

  it("has a certificate by cert-manager, and replaces pods only after it", async () => {
    const issuer = { name: "platform-ca", kind: "ClusterIssuer" } as const;
    const { resources } = await deploy({ ...ARGS, tls: { issuer, clients: "off" } });
    const certificate = find(resources, "Certificate", "nats-tls");
    expect(certificate.inputs).toMatchObject({
      metadata: { name: "nats-tls" },
      spec: { secretName: "nats-tls", issuerRef: { name: "platform-ca", kind: "ClusterIssuer" } },
    });
    const statefulSet = find(resources, "StatefulSet", "nats");
    expect(statefulSet.dependencies).toContain(certificate.urn);
    expect(JSON.stringify(statefulSet.inputs)).toContain('"secret":{"name":"nats-tls"');
  });

  it("takes a certificate that somebody else made", async () => {
    const { resources } = await deploy({ ...ARGS, tls: { secretName: "by-hand", clients: "off" } });
    expect(resources.some(({ type }) => type.endsWith(":Certificate"))).toBe(false);
    expect(JSON.stringify(find(resources, "StatefulSet", "nats").inputs)).toContain('"secret":{"name":"by-hand"');
  });

  it("lets one server of several be away", async () => {
    const passwords = { ...ARGS.passwords, cluster: "canary-cluster" };
    const { resources } = await deploy({ ...ARGS, replicas: 3, passwords });
    expect(find(resources, "PodDisruptionBudget", "nats").inputs.spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: "nats" } },
    });
    expect(JSON.stringify(resources)).not.toContain("canary");
  });

  it("says everything that is wrong before it makes anything", async () => {
    const wrong = deploy({ ...ARGS, replicas: 2 as 1, storage: { size: "1Gi" } });
    await expect(wrong).rejects.toThrow(
      "NATS cluster 'nats' cannot work:\n  replicas: 2 servers survive no more losses than 1: give 1, 3, 5\n  jetstream.file: 5Gi is more than storage.size, 1Gi",
    );
  });

  it("says how to connect", async () => {
    const { connection } = await deploy(ARGS);
    const { password, ...facts } = connection;
    expect(facts).toEqual({
      host: "nats.nats.svc.cluster.local",
      clientPort: 4222,
      monitoringPort: 8222,
      tls: false,
      monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
      url: "nats://nats.nats.svc.cluster.local:4222",
      account: "NOETL",
      user: "noetl",
    });
    expect(await pulumi.isSecret(password)).toBe(true);
  });

  it("has no Service for clients where the headless one is", async () => {
    const { resources, connection } = await deploy({ ...ARGS, headless: NAME });
    expect(resources.filter(({ type }) => type.endsWith(":Service")).map(({ name }) => name)).toEqual([
      "nats-headless",
    ]);
    expect(connection.monitoringEndpoint).toBe("nats.nats.svc.cluster.local:8222");
  });

  it("lets the caller change each child, and rolls the pods for a changed nats.conf", async () => {
    const { resources } = await deploy({
      ...ARGS,
      transform: {
        configMap: (args) => ({ ...args, data: { "nats.conf": "port: 4223\n" } }),
        service: (args) => ({ ...args, spec: { type: "LoadBalancer" } }),
        statefulSet: (args) => ({ ...args, metadata: { name: "other" } }),
      },
    });
    expect(find(resources, "ConfigMap", "nats-config").inputs.data).toEqual({
      "nats.conf": "port: 4223\n",
      "restart-checksum": restartChecksum("port: 4223\n"),
    });
    expect(find(resources, "Service", "nats").inputs.spec).toEqual({ type: "LoadBalancer" });
    const statefulSet = find(resources, "StatefulSet", "nats").inputs;
    expect(statefulSet.metadata).toEqual({ name: "other" });
    expect(JSON.stringify(statefulSet)).toContain(`"noetl.io/config-checksum":"${restartChecksum("port: 4223\n")}"`);
  });
});

async function deploy(args: NatsClusterArgs): Promise<{ resources: Resource[]; connection: NatsConnection }> {
  const made: NatsCluster[] = [];
  const program = () => {
    made.push(new NatsCluster(NAME, args));
    return {};
  };
  const { resources } = await record({ project: "noetl", stack: "test", program });
  const [cluster] = made;
  if (!cluster) throw new Error("the program did not run");
  return { resources, connection: cluster.connection };
}

function find(resources: Resource[], kind: string, name: string): Resource {
  const found = resources.find((resource) => resource.type.endsWith(`:${kind}`) && resource.name === name);
  if (!found) throw new Error(`no ${kind} ${name}`);
  return found;
}
