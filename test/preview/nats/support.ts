import type { Json } from "../../../preview/graph";
import { amounts, configMap, object, workload, type Node } from "../support";

/** What a test says of the servers of one StatefulSet; the rest is as the platform renders it. */
export interface NatsSettings {
  /** Name of the StatefulSet. Default: `nats`. */
  name?: string;
  namespace?: string;
  replicas?: number;
  /** Whether there is a cluster block. Default: with more than one server. */
  clustered?: boolean;
  /** Names of the clusters that its gateways lead to; its own is `name`. Default: no gateway block. */
  peers?: readonly string[];
  domain?: string;
  /** As nats.conf writes it. Default: 4GB. */
  file?: string;
  /** Default: 1GB. */
  memory?: string;
  storeDir?: string;
  serverName?: string;
  /** Size of each volume. Default: 8Gi. */
  storage?: string;
  /** Name of the volume claim. Default: `data`. */
  claim?: string;
  /** Whether there is a jetstream block. Default: yes. */
  jetstream?: boolean;
  spec?: Record<string, Json>;
  podSpec?: Record<string, Json>;
  container?: Record<string, Json>;
}

/** StatefulSet and ConfigMap of NATS servers. */
export function nats(settings: NatsSettings = {}): Node[] {
  const { name = "nats", namespace = "nats", replicas = 1, storage = "8Gi", claim = "data" } = settings;
  return [
    configMap(`${name}-config`, { "nats.conf": natsConf(settings) }, namespace),
    workload({
      kind: "StatefulSet",
      name,
      namespace,
      spec: {
        replicas,
        podManagementPolicy: "Parallel",
        volumeClaimTemplates: [{ metadata: { name: claim }, spec: { resources: { requests: { storage } } } }],
        ...settings.spec,
      },
      podSpec: {
        volumes: [{ name: "conf", projected: { sources: [{ configMap: { name: `${name}-config` } }] } }],
        ...settings.podSpec,
      },
      container: {
        resources: amounts("1 2Gi", "1 4Gi"),
        volumeMounts: [{ name: claim, mountPath: "/data" }],
        startupProbe: { httpGet: { path: "/healthz?js-meta-only=true", port: 8222 } },
        readinessProbe: { httpGet: { path: "/healthz?js-enabled-only=true", port: 8222 } },
        livenessProbe: { httpGet: { path: "/healthz?js-server-only=true", port: 8222 } },
        ...settings.container,
      },
    }),
  ];
}

function natsConf(settings: NatsSettings): string {
  const { name = "nats", replicas = 1, file = "4GB", memory = "1GB", storeDir = "/data/jetstream", peers } = settings;
  const { clustered = replicas > 1 || peers !== undefined, serverName = "$POD_NAME", jetstream = true } = settings;
  return [
    `server_name: ${serverName}`,
    "http_port: 8222",
    ...(jetstream
      ? [
          `jetstream {\n  store_dir: "${storeDir}"\n  max_file_store: ${file}\n  max_memory_store: ${memory}`,
          ...(settings.domain === undefined ? [] : [`  domain: "${settings.domain}"`]),
          "}",
        ]
      : []),
    ...(clustered ? [`cluster { name: "${name}", port: 6222 }`] : []),
    ...(peers
      ? [`gateway { name: "${name}", gateways: [${peers.map((peer) => `{ name: "${peer}" }`).join(", ")}] }`]
      : []),
    "",
  ].join("\n");
}

/** A namespace. */
export function namespace(name: string): Node {
  return object({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
}

/** A volume claim of its own. */
export function claim(name: string, storage: string, inNamespace = "nats"): Node {
  return object({
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name, namespace: inNamespace },
    spec: { resources: { requests: { storage } } },
  });
}
