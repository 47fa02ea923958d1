import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { configFile, deployment as gatewayDeployment } from "../../../components/noetl/gateway-manifests";
import { cleanupCronJob } from "../../../components/noetl/scheduled-cleanup";
import * as servers from "../../../components/noetl/server-manifests";
import { proxyConf, toServer, toShards } from "../../../components/noetl/server-proxy";
import { deployment as subscriptionDeployment } from "../../../components/noetl/subscription-manifests";
import { deployment, ordinary } from "../../../components/noetl/worker-manifests";
import { RELOADER_ANNOTATION } from "../../../components/tls/pod-tls";
import { gateway, identity, natsTls, proxyImage, server, worker } from "./facts";
import { tableOf, type Deployment } from "./pods";

const SERVER_URL = "https://noetl-server-rust.noetl.svc.cluster.local:8082";
const SHARD_URLS = [0, 1, 2].map(
  (shard) => `https://noetl-server-rust-${shard}.noetl-server-rust-headless.noetl.svc.cluster.local:8082`,
);
const connection = { url: SERVER_URL, readyPath: "/api/health" };
const clientTls = { identity: identity("noetl-worker-tls"), proxyImage };
const VOLUME = { name: "tls", secret: { secretName: "noetl-worker-tls" } };
const MOUNT = { name: "tls", mountPath: "/tls", readOnly: true };
const CURL = "--cacert /tls/ca.crt --cert /tls/tls.crt --key /tls/tls.key";

/** The workload as a test reads it. */
function read(workload: unknown): Deployment {
  return workload as Deployment;
}

function podSpec(workload: unknown) {
  return read(workload).spec.template.spec;
}

/** An environment as a map. */
function envOf(workload: unknown, container?: string): ReadonlyMap<string, string> {
  const { initContainers, containers } = podSpec(workload);
  const found = [...containers, ...initContainers].find(({ name }) => container === undefined || name === container);
  return new Map(tableOf(found?.env ?? []));
}

function mounting(workload: unknown): string[] {
  const { initContainers, containers } = podSpec(workload);
  return [...initContainers, ...containers]
    .filter(({ volumeMounts = [] }) => volumeMounts.some((mount) => (mount as typeof MOUNT).name === "tls"))
    .map(({ name }) => name);
}

function serverFacts(mutual: boolean, more: Partial<servers.ServerFacts> = {}): servers.ServerFacts {
  return {
    ...server,
    publicUrl: SERVER_URL,
    tls: { identity: identity("noetl-server-tls"), mutual, proxyImage },
    ...more,
  };
}

describe("a server with TLS", () => {
  test("shows its certificate on its only port, under an https URL", () => {
    const facts = serverFacts(false);
    expect(servers.serverUrl(facts)).toBe(SERVER_URL);
    const env = envOf(servers.deployment(facts));
    expect(env.get("NOETL_TLS_CERT")).toBe("/tls/tls.crt");
    expect(env.get("NOETL_TLS_KEY")).toBe("/tls/tls.key");
    expect(env.has("NOETL_TLS_CLIENT_CA")).toBe(false);
    expect(mounting(servers.deployment(facts))).toEqual(["noetl-server"]);
  });

  test("is probed by https: the kubelet checks no certificate", () => {
    expect(podSpec(servers.deployment(serverFacts(false))).containers[0]).toMatchObject({
      startupProbe: { httpGet: { path: "/healthz", port: "http", scheme: "HTTPS" } },
      livenessProbe: { httpGet: { path: "/healthz", port: "http", scheme: "HTTPS" } },
      readinessProbe: { httpGet: { path: "/readyz", port: "http", scheme: "HTTPS" } },
    });
  });

  test("that asks for certificates is probed by its port: the kubelet has none to present", () => {
    const workload = servers.deployment(serverFacts(true));
    expect(envOf(workload).get("NOETL_TLS_CLIENT_CA")).toBe("/tls/ca.crt");
    const port = { tcpSocket: { port: "http" } };
    const [container] = podSpec(workload).containers;
    expect(container).toMatchObject({ startupProbe: port, livenessProbe: port, readinessProbe: port });
    expect(JSON.stringify(container)).not.toContain("httpGet");
  });

  test("tells Prometheus by an annotation that it is https, and starts anew with another certificate", () => {
    const { metadata, spec } = read(servers.deployment(serverFacts(true)));
    expect(metadata).toMatchObject({ annotations: { [RELOADER_ANNOTATION]: "noetl-server-tls" } });
    expect(spec.template.metadata.annotations).toMatchObject({
      "prometheus.io/scheme": "https",
      "certificate.noetl.io/noetl-server-tls": "1",
    });
  });

  test("without TLS has none of it", () => {
    const text = JSON.stringify(servers.deployment(server));
    expect(text).not.toMatch(/tls|HTTPS|https|server-proxy|tcpSocket/i);
  });

  test("whose replicas own a shard each reaches them through a proxy that presents its certificate", () => {
    const workload = servers.statefulSet(serverFacts(true, { replicas: 3, shards: { count: 3, index: 0 } }));
    expect(envOf(workload).get("NOETL_PEER_URL_TEMPLATE")).toBe("http://127.0.1.{shard}:15082");
    expect(podSpec(workload).initContainers[0]).toMatchObject({
      name: "server-proxy",
      image: proxyImage,
      restartPolicy: "Always",
    });
    const conf = envOf(workload, "server-proxy").get("HAPROXY_CONF") ?? "";
    expect(conf).toContain("bind 127.0.1.2:15082");
    expect(conf).toContain("sni str(noetl-server-rust-2.noetl-server-rust-headless.noetl.svc.cluster.local)");
    expect(mounting(workload)).toEqual(["server-proxy", "noetl-server"]);
  });

  test("needs a certificate for the names of its Services, and of its replicas where they are called one by one", () => {
    expect(servers.certificateNames(server)).toEqual([
      "noetl-server-rust.noetl.svc",
      "noetl-server-rust.noetl.svc.cluster.local",
      "localhost",
    ]);
    expect(servers.certificateNames({ ...server, replicas: 3, shards: { count: 3, index: 0 } })).toEqual([
      "noetl-server-rust.noetl.svc",
      "noetl-server-rust.noetl.svc.cluster.local",
      "*.noetl-server-rust-headless.noetl.svc.cluster.local",
      "localhost",
    ]);
  });

  test("knows NATS by the root of its own certificate where NATS requires TLS", () => {
    const workload = servers.deployment(serverFacts(true, { nats: natsTls }));
    expect(envOf(workload).get("SSL_CERT_FILE")).toBe("/tls/ca.crt");
    expect(envOf(workload, "wait-for-nats").get("NATS_CA")).toBe("/tls/ca.crt");
    expect(envOf(workload, "wait-for-nats").get("NATS_URL")).toBe("tls://nats.nats.svc.cluster.local:4222");
    expect(mounting(workload)).toEqual(["wait-for-nats", "noetl-server"]);
  });

  test("cannot be without a root to know NATS by", () => {
    expect(() => servers.deployment({ ...server, nats: natsTls })).toThrow(
      "NATS requires TLS, and this pod has no root to know it by",
    );
  });
});

describe("a worker pool of a server with TLS", () => {
  const facts = { ...worker, server: connection, tls: clientTls, nats: natsTls };

  test("presents its certificate, in the worker and in the container that waits", () => {
    const workload = deployment(facts, ordinary(facts));
    const env = envOf(workload);
    expect(env.get("NOETL_SERVER_URL")).toBe(SERVER_URL);
    expect(env.get("NOETL_TLS_CLIENT_CERT")).toBe("/tls/tls.crt");
    expect(env.get("NOETL_TLS_CLIENT_KEY")).toBe("/tls/tls.key");
    expect(env.get("NOETL_TLS_CA")).toBe("/tls/ca.crt");
    expect(env.get("SSL_CERT_FILE")).toBe("/tls/ca.crt");
    const { initContainers, volumes } = podSpec(workload);
    expect(initContainers.map(({ name }) => name)).toEqual(["wait-for-server"]);
    expect(initContainers[0]?.command?.[2]).toContain(`/dev/null ${CURL} "$SERVER_READY"`);
    expect(mounting(workload)).toEqual(["wait-for-server", "worker"]);
    expect(volumes).toContainEqual(VOLUME);
  });

  test("that runs system playbooks speaks through a proxy: not all parts of a worker present a certificate", () => {
    const workload = deployment(facts, { ...ordinary(facts), needsProxy: true });
    expect(envOf(workload).get("NOETL_SERVER_URL")).toBe("http://127.0.0.1:15082");
    expect(envOf(workload).get("NOETL_TLS_CLIENT_CERT")).toBe("/tls/tls.crt");
    expect(podSpec(workload).initContainers.map(({ name }) => name)).toEqual(["server-proxy", "wait-for-server"]);
    expect(envOf(workload, "wait-for-server").get("SERVER_READY")).toBe(`${SERVER_URL}/api/health`);
    expect(envOf(workload, "server-proxy").get("HAPROXY_CONF")).toBe(
      proxyConf([toServer(SERVER_URL)], { certificate: "/tls/tls.crt", key: "/tls/tls.key", ca: "/tls/ca.crt" }),
    );
  });

  test("without TLS has neither", () => {
    const text = JSON.stringify(deployment(worker, { ...ordinary(worker), needsProxy: true }));
    expect(text).not.toMatch(/tls|https|server-proxy|cacert/i);
  });
});

describe("everything else that speaks to a server with TLS", () => {
  test("a subscription runtime presents its certificate, in each container that asks", () => {
    const workload = subscriptionDeployment({
      ...worker,
      path: "lab/orders",
      terminationGracePeriod: 60,
      server: connection,
      tls: clientTls,
    });
    expect(envOf(workload).get("NOETL_TLS_CLIENT_CERT")).toBe("/tls/tls.crt");
    expect(mounting(workload)).toEqual(["wait-for-server", "wait-for-subscription", "subscription-runtime"]);
    for (const { command } of podSpec(workload).initContainers) expect(command?.[2]).toContain(CURL);
  });

  test("the scheduled cleanup presents one, and sends the playbook through the proxy of the system pool", () => {
    const settings = { schedule: "0 3 * * *", commandRetentionDays: 7, runtimeStaleMinutes: 60, eventRetentionDays: 0 };
    const facts = { ...settings, namespace: worker.namespace, server: connection, curlImage: "curl", tls: clientTls };
    const { spec } = cleanupCronJob(facts) as { spec: { jobTemplate: Deployment } };
    const [container] = (spec.jobTemplate as unknown as { spec: Deployment["spec"] }).spec.template.spec.containers;
    expect(container?.command?.[2]).toContain(`--data "$2" ${CURL} "$SERVER_URL$1"`);
    const env = new Map(tableOf(container?.env ?? []));
    expect(env.get("SERVER_URL")).toBe(SERVER_URL);
    expect(JSON.parse(env.get("EXECUTION") ?? "")).toMatchObject({
      workload: { server_url: "http://127.0.0.1:15082" },
    });
    expect(container?.volumeMounts).toEqual([MOUNT]);
  });

  test("the gateway speaks through a proxy, by shard as well", () => {
    const facts = {
      ...gateway,
      server: { ...connection, shardUrls: SHARD_URLS },
      tls: { identity: identity("noetl-gateway-tls"), proxyImage },
      nats: natsTls,
    };
    const workload = gatewayDeployment(facts, "abc");
    expect(envOf(workload).get("NOETL_BASE_URL")).toBe("http://127.0.0.1:15082");
    expect(envOf(workload).get("SSL_CERT_FILE")).toBe("/tls/ca.crt");
    expect(parse(configFile(facts) ?? "")).toEqual({
      noetl: { shards: [0, 1, 2].map((shard) => ({ shard_index: shard, base_url: `http://127.0.1.${shard}:15082` })) },
    });
    const conf = envOf(workload, "server-proxy").get("HAPROXY_CONF") ?? "";
    for (const url of [SERVER_URL, ...SHARD_URLS]) expect(conf).toContain(` ${new URL(url).host} ssl verify required `);
    expect(mounting(workload)).toEqual(["server-proxy", "wait-for-nats", "gateway"]);
  });
});

describe("proxyConf", () => {
  test("has a listener for each target, which checks chain and name of the server and presents the certificate", () => {
    const paths = { certificate: "/tls/tls.crt", key: "/tls/tls.key", ca: "/tls/ca.crt" };
    const conf = proxyConf(
      [toServer("https://noetl.noetl.svc:8082"), ...toShards(["https://noetl-0.noetl:8082"])],
      paths,
    );
    expect(conf.split("\n").slice(-8)).toEqual([
      "  hold valid 5s",
      "listen server-0",
      "  bind 127.0.0.1:15082",
      "  server server noetl.noetl.svc:8082 ssl verify required ca-file /tls/ca.crt crt /tls/tls.crt sni str(noetl.noetl.svc) resolvers cluster init-addr none",
      "listen server-1",
      "  bind 127.0.1.0:15082",
      "  server server noetl-0.noetl:8082 ssl verify required ca-file /tls/ca.crt crt /tls/tls.crt sni str(noetl-0.noetl) resolvers cluster init-addr none",
      "",
    ]);
  });
});
