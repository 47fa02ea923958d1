import type { KubeObject } from "../support/objects";

/** Every secret value of the live installation; none may ever be printed. */
export const CANARIES = {
  encryptionKey: "Y2FuYXJ5LWtleS1jYW5hcnkta2V5LWNhbmFyeS1rZXk=",
  noetlPassword: "canary-noetl-password",
  postgresPassword: "canary-postgres-password",
  internalApiToken: "canary-internal-token",
  natsPassword: "canary-nats-password",
  natsSystemPassword: "canary-nats-system-password",
};

const object = (apiVersion: string, kind: string, id: string, rest: object = {}): KubeObject => {
  const [name = "", namespace] = id.split("/").reverse();
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, ...rest };
};

const secret = (id: string, stringData: Record<string, string>): KubeObject =>
  object("v1", "Secret", id, { type: "Opaque", stringData });

const template = (app: string, container: object, more: object = {}): object => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: { containers: [container], ...more } },
});

/** A live installation: manifests applied by hand, with passwords where they should not be. */
export const LIVE: KubeObject[] = [
  ...["noetl", "nats", "postgres"].map((name) => object("v1", "Namespace", name)),
  secret("noetl/noetl-secret", {
    NOETL_ENCRYPTION_KEY: CANARIES.encryptionKey,
    NOETL_PASSWORD: CANARIES.noetlPassword,
    POSTGRES_PASSWORD: CANARIES.postgresPassword,
  }),
  secret("noetl/noetl-internal-api-token", { token: CANARIES.internalApiToken }),
  secret("postgres/postgres-secret", {
    NOETL_PASSWORD: CANARIES.noetlPassword,
    POSTGRES_PASSWORD: CANARIES.postgresPassword,
  }),
  object("v1", "ServiceAccount", "noetl/noetl-worker"),
  object("apps/v1", "Deployment", "noetl/noetl-server-rust", {
    spec: template("noetl-server-rust", {
      name: "noetl-server",
      image: "localhost/noetl-server-rust:dev",
      ports: [{ name: "http", containerPort: 8082 }],
      env: [
        { name: "NOETL_PORT", value: "8082" },
        { name: "POSTGRES_PASSWORD", value: CANARIES.noetlPassword },
      ],
    }),
  }),
  object("v1", "Service", "noetl/noetl-server-rust", {
    spec: { selector: { app: "noetl-server-rust" }, ports: [{ name: "http", port: 8082, targetPort: "http" }] },
  }),
  object("apps/v1", "Deployment", "noetl/noetl-worker-rust", {
    spec: template("noetl-worker-rust", {
      name: "worker",
      image: "localhost/noetl-worker:dev",
      env: [{ name: "NATS_STREAM", value: "NOETL_COMMANDS" }],
    }),
  }),
  object("v1", "ConfigMap", "nats/nats-config", {
    data: {
      "nats.conf": [
        "port: 4222",
        "accounts {",
        `  $SYS { users: [{ user: sys, password: "${CANARIES.natsSystemPassword}" }] }`,
        `  NOETL { jetstream: enabled, users: [{ user: noetl, password: "${CANARIES.natsPassword}" }] }`,
        "}",
      ].join("\n"),
    },
  }),
  object("apps/v1", "StatefulSet", "nats/nats", {
    spec: { serviceName: "nats", ...template("nats", { name: "nats", image: "nats:latest" }) },
  }),
  object("v1", "Service", "nats/nats", {
    spec: {
      type: "NodePort",
      selector: { app: "nats" },
      ports: [
        { name: "client", port: 4222, nodePort: 30422 },
        { name: "monitoring", port: 8222, nodePort: 30822 },
      ],
    },
  }),
  object("v1", "PersistentVolumeClaim", "postgres/postgres-data", {
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
  }),
  object("apps/v1", "Deployment", "postgres/postgres-live", {
    spec: template("postgres-live", { name: "postgres", image: "postgres:17.4" }),
  }),
  {
    ...object("v1", "Secret", "noetl/sh.helm.release.v1.noetl.v1", { type: "helm.sh/release.v1", stringData: {} }),
    metadata: {
      name: "sh.helm.release.v1.noetl.v1",
      namespace: "noetl",
      labels: { owner: "helm", name: "noetl", status: "deployed" },
    },
  },
];
