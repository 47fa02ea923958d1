import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { Gateway, type GatewayArgs } from "../../../components/noetl/gateway";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { gateway } from "./facts";

const { name: NAME, ...ARGS } = gateway;

async function render(args: Partial<GatewayArgs> = {}) {
  return recorded(() => new Gateway(NAME, { ...ARGS, ...args }));
}

interface Pod {
  automountServiceAccountToken: boolean;
  serviceAccountName: string;
  securityContext: object;
  initContainers: { name: string }[];
  containers: { env: object[]; securityContext: object; livenessProbe: object; volumeMounts: object[] }[];
  volumes: object[];
}

interface Template {
  metadata: { annotations: Record<string, string> };
  spec: Pod;
}

async function templateOf(args: Partial<GatewayArgs> = {}): Promise<Template> {
  const { spec } = objectNamed(await render(args), "Deployment/noetl-gateway");
  return (spec as unknown as { template: Template }).template;
}

async function envOf(settings: Partial<typeof gateway.settings> = {}): Promise<object[]> {
  const { spec } = await templateOf({ settings: { ...gateway.settings, ...settings } });
  return spec.containers[0]?.env ?? [];
}

const SHARDS = {
  server: { ...gateway.server, shardUrls: ["http://noetl-server-rust-0.x:8082", "http://noetl-server-rust-1.x:8082"] },
};

describe("Gateway", () => {
  test("is a Deployment behind the Service that the validation rigs look for", async () => {
    const graph = await render();
    expect(objectNames(graph)).toEqual([
      "Deployment/noetl-gateway",
      "Service/noetl-gateway",
      "ServiceAccount/noetl-gateway",
    ]);
    expect(objectNamed(graph, "Service/noetl-gateway")).toMatchObject({
      metadata: { namespace: "noetl" },
      spec: { selector: { app: NAME }, ports: [{ name: "http", port: 8090, targetPort: "http" }] },
    });
  });

  test("asks who somebody is, unless it is told to let everybody in", async () => {
    expect(await envOf()).toContainEqual({ name: "GATEWAY_AUTH_BYPASS", value: "false" });
    expect(await envOf({ authBypass: true })).toContainEqual({ name: "GATEWAY_AUTH_BYPASS", value: "true" });
  });

  test("has the environment that the gateway reads, passwords from Secrets", async () => {
    const secret = (name: string, from: string, key: string) => ({
      name,
      valueFrom: { secretKeyRef: { name: from, key } },
    });
    expect(await envOf()).toEqual([
      { name: "ROUTER_PORT", value: "8090" },
      { name: "NOETL_BASE_URL", value: "http://noetl-server-rust.noetl.svc.cluster.local:8082" },
      secret("NATS_URL", "noetl-nats", "NOETL_NATS_URL"),
      { name: "NATS_USERNAME", value: "noetl" },
      secret("NATS_PASSWORD", "noetl-nats", "NATS_PASSWORD"),
      { name: "NATS_UPDATES_SUBJECT_PREFIX", value: "playbooks.executions." },
      { name: "NATS_CALLBACK_SUBJECT_PREFIX", value: "noetl.callbacks" },
      { name: "NATS_SESSION_BUCKET", value: "sessions" },
      { name: "NATS_SESSION_CACHE_TTL_SECS", value: "300" },
      { name: "NATS_REQUEST_BUCKET", value: "requests" },
      { name: "NATS_REQUEST_TTL_SECS", value: "1800" },
      { name: "AUTH_PLAYBOOK_LOGIN", value: "auth/login" },
      { name: "AUTH_PLAYBOOK_VALIDATE_SESSION", value: "auth/validate" },
      { name: "AUTH_PLAYBOOK_CHECK_ACCESS", value: "auth/check" },
      { name: "AUTH_PLAYBOOK_TIMEOUT_SECS", value: "12" },
      { name: "GATEWAY_AUTH_BYPASS", value: "false" },
    ]);
  });

  test("given everything optional, that is in its environment, too", async () => {
    const auth0 = { domain: "t.auth0.com", clientId: "c", redirectUri: "https://a/login", audience: "https://api" };
    const env = await envOf({
      publicUrl: "https://noetl.example.com",
      pushIngress: true,
      corsOrigins: ["https://a.example.com", "http://localhost:3000"],
      auth0,
    });
    for (const [name, value] of [
      ["CORS_ALLOWED_ORIGINS", "https://a.example.com,http://localhost:3000"],
      ["GATEWAY_AUTH0_DOMAIN", "t.auth0.com"],
      ["GATEWAY_AUTH0_CLIENT_ID", "c"],
      ["GATEWAY_AUTH0_REDIRECT_URI", "https://a/login"],
      ["GATEWAY_AUTH0_AUDIENCE", "https://api"],
      ["GATEWAY_PUBLIC_URL", "https://noetl.example.com"],
    ]) {
      expect(env).toContainEqual({ name, value });
    }
    expect(env).toContainEqual({
      name: "NOETL_INTERNAL_API_TOKEN",
      valueFrom: { secretKeyRef: { name: "noetl-internal-api-token", key: "token" } },
    });
  });

  test("runs restricted, without an API token, after a login at NATS has worked", async () => {
    const { spec } = await templateOf();
    expect(spec).toMatchObject({ automountServiceAccountToken: false, serviceAccountName: NAME });
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 65534 });
    expect(spec.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
    expect(spec.initContainers.map(({ name }) => name)).toEqual(["wait-for-nats"]);
    expect(spec.containers[0]?.livenessProbe).toMatchObject({ httpGet: { path: "/health", port: "http" } });
  });

  test("given a server whose pods own shards, it reads from a file which pod owns which, and starts anew with it", async () => {
    const { data } = objectNamed(await render(SHARDS), "ConfigMap/noetl-gateway") as unknown as {
      data: Record<string, string>;
    };
    expect(parse(data["gateway.yaml"] ?? "")).toEqual({
      noetl: {
        shards: [
          { shard_index: 0, base_url: "http://noetl-server-rust-0.x:8082" },
          { shard_index: 1, base_url: "http://noetl-server-rust-1.x:8082" },
        ],
      },
    });
    const { metadata, spec } = await templateOf(SHARDS);
    expect(spec.containers[0]?.env).toContainEqual({
      name: "GATEWAY_CONFIG",
      value: "/etc/noetl-gateway/gateway.yaml",
    });
    expect(spec.volumes).toContainEqual({ name: "config", configMap: { name: NAME } });
    expect(metadata.annotations["noetl.io/config"]).toMatch(/^[0-9a-f]{8}$/);
    expect((await templateOf()).metadata.annotations).not.toHaveProperty("noetl.io/config");
  });

  test("given several pods, a drain takes one at a time; given a node port, clients outside reach it", async () => {
    const graph = await render({ replicas: 2, nodePort: 30090 });
    expect(objectNamed(graph, "PodDisruptionBudget/noetl-gateway").spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: NAME } },
    });
    expect(objectNamed(graph, "Service/noetl-gateway-ext").spec).toMatchObject({
      type: "NodePort",
      ports: [{ name: "http", port: 8090, targetPort: "http", nodePort: 30090 }],
    });
  });

  test("transform changes a child and nothing else", async () => {
    const graph = await render({
      transform: { service: ({ metadata }) => ({ metadata, spec: { type: "LoadBalancer" } }) },
    });
    expect(objectNamed(graph, "Service/noetl-gateway").spec).toMatchObject({ type: "LoadBalancer" });
    expect(objectNamed(graph, "Deployment/noetl-gateway").spec).toMatchObject({ replicas: 1 });
  });
});
