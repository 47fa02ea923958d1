import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "@jest/globals";
import { existingNamespace } from "../../../components/kubernetes/namespaces";
import { PythonServer, type PythonServerArgs } from "../../../components/noetl/python-server";
import { BuiltInAuthority } from "../../../components/tls/built-in/authority";
import { FlightTls } from "../../../components/tls/flight-tls";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { podOf, tableOf } from "./pods";

const NOETL = existingNamespace("noetl");
const ARGS: PythonServerArgs = {
  namespace: NOETL,
  image: "ghcr.io/noetl/noetl:v2.35.9",
  logLevel: "INFO",
  pool: { max: 16, min: 2, background: 4 },
  resources: { requests: { cpu: "100m", memory: "256Mi" }, limits: { cpu: "2", memory: "2Gi" } },
  database: {
    host: "db",
    port: 5432,
    database: "noetl",
    user: "noetl",
    schema: "noetl",
    adminUser: "demo",
    transactionPooling: false,
  },
  nats: {
    host: "nats.nats.svc.cluster.local",
    clientPort: 4222,
    monitoringPort: 8222,
    monitoringEndpoint: "nats-headless.nats.svc.cluster.local:8222",
    url: "nats://nats.nats.svc.cluster.local:4222",
    account: "NOETL",
    user: "noetl",
    password: pulumi.secret("secret"),
  },
  secrets: {
    encryptionKey: { secret: "noetl-secret", key: "NOETL_ENCRYPTION_KEY" },
    postgresPassword: { secret: "noetl-secret", key: "NOETL_PASSWORD" },
    internalApiToken: { secret: "noetl-internal-api-token", key: "token" },
    natsPassword: { secret: "noetl-nats", key: "NATS_PASSWORD" },
    natsUrl: { secret: "noetl-nats", key: "NOETL_NATS_URL" },
  },
  natsBoxImage: "nats-box:1",
};

async function render(mutual?: boolean) {
  const urls: string[] = [];
  const graph = await recorded(() => {
    const authority = new BuiltInAuthority("tls", {
      generation: 1,
      trusted: [{ generation: 1, issuedOn: "2026-11-21", days: 3650 }],
      leaves: { issuedOn: "2026-11-21", days: 365 },
    });
    const bearer = { current: 1, accepted: [1] };
    const flight =
      mutual === undefined
        ? undefined
        : new FlightTls("flight", {
            namespace: NOETL,
            service: "noetl",
            client: "w",
            authority,
            serverTls: true,
            clientTls: true,
            bearer,
            mutual,
          });
    const server = new PythonServer("noetl-server", {
      ...ARGS,
      flight: flight && { side: flight.server, mutual: mutual ?? false },
    });
    urls.push(server.url, server.flightUrl);
  });
  return { graph, urls };
}

describe("PythonServer", () => {
  test("is one pod behind the Service that clients of Flight know", async () => {
    const { graph, urls } = await render();
    expect(objectNames(graph)).toEqual(["Deployment/noetl-server", "Service/noetl", "ServiceAccount/noetl-server"]);
    expect(objectNamed(graph, "Service/noetl").spec).toEqual({
      selector: { app: "noetl-server" },
      ports: [
        { name: "noetl", port: 8082, targetPort: "http" },
        { name: "flight-grpc", port: 8083, targetPort: "flight-grpc" },
      ],
    });
    expect(urls).toEqual(["http://noetl.noetl.svc.cluster.local:8082", "http://noetl.noetl.svc.cluster.local:8083"]);
  });

  test("runs restricted, waits for NATS, and has its passwords from Secrets", async () => {
    const { container, ...pod } = podOf((await render()).graph, "noetl-server");
    expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsUser: 65534 } });
    expect(pod.initContainers.map(({ name }) => name)).toEqual(["wait-for-nats"]);
    expect(container).toMatchObject({
      command: ["python", "-m", "noetl.server"],
      livenessProbe: { httpGet: { path: "/api/health", port: "http" }, initialDelaySeconds: 120, failureThreshold: 6 },
      readinessProbe: { initialDelaySeconds: 60, failureThreshold: 12 },
    });
    const env = tableOf(container.env);
    expect(env).toContainEqual(["NATS_URL", "Secret noetl-nats/NOETL_NATS_URL"]);
    expect(env).toContainEqual(["NOETL_PASSWORD", "Secret noetl-secret/NOETL_PASSWORD"]);
    expect(env).toContainEqual(["NOETL_ENCRYPTION_KEY", "Secret noetl-secret/NOETL_ENCRYPTION_KEY"]);
    expect(env.filter(([name]) => name.includes("POOL"))).toEqual([
      ["NOETL_POSTGRES_POOL_MAX_SIZE", "16"],
      ["NOETL_POSTGRES_POOL_MIN_SIZE", "2"],
      ["NOETL_BG_POOL_MAX_SIZE", "4"],
    ]);
    expect(env.filter(([name]) => name.startsWith("NOETL_FLIGHT"))).toEqual([]);
  });

  test.each([
    [false, []],
    [true, [["NOETL_FLIGHT_CLIENT_CA", "/etc/noetl/flight/client-ca.crt"]]],
  ])("given trust for Flight, with mutual TLS %s, it finds certificate and tokens", async (mutual, more) => {
    const { graph, urls } = await render(mutual);
    const { container, volumes } = podOf(graph, "noetl-server");
    expect(tableOf(container.env).filter(([name]) => name.startsWith("NOETL_FLIGHT"))).toEqual([
      ["NOETL_FLIGHT_TLS_CERT", "/etc/noetl/flight/server.crt"],
      ["NOETL_FLIGHT_TLS_KEY", "/etc/noetl/flight/server.key"],
      ...more,
      ["NOETL_FLIGHT_BEARER_TOKENS", "Secret noetl-flight-bearer/NOETL_FLIGHT_BEARER_TOKENS"],
    ]);
    expect(container.volumeMounts).toContainEqual({ name: "flight", mountPath: "/etc/noetl/flight", readOnly: true });
    expect(volumes).toContainEqual({ name: "flight", secret: { secretName: "noetl-flight-tls" } });
    expect(urls[1]).toBe("https://noetl.noetl.svc.cluster.local:8083");
  });
});
