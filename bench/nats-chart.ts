import { CLIENT_PORT, MONITORING_PORT } from "../components/nats/facts";
import type { PodObjects } from "../test/real/nats/manifests";

const NAME = "nats";
const NAMESPACE = "nats";
const HEADLESS = "nats-headless";
const REPLICAS = 3;
const PID_FILE = "/var/run/nats/nats.pid";

/**
 * What the chart `nats` of https://nats-io.github.io/k8s makes with its defaults, `config.cluster.enabled` and
 * `config.jetstream.enabled`: as far as {@link NatsPods} runs it, and described here in our words. Two things differ,
 * for the pods share one machine: routes have full host names, and a server listens for them at its own address only.
 */
export function chartObjects(): PodObjects {
  return {
    configMap: { metadata: { name: "nats-config" }, data: { "nats.conf": CONF } },
    // The chart has no passwords.
    secret: { metadata: { name: "none" }, stringData: {} },
    statefulSet: {
      metadata: { name: NAME, namespace: NAMESPACE },
      spec: {
        serviceName: HEADLESS,
        replicas: REPLICAS,
        podManagementPolicy: "Parallel",
        selector: {},
        template: {
          metadata: { annotations: {} },
          spec: {
            terminationGracePeriodSeconds: 60,
            containers: [
              {
                name: "nats",
                args: ["--config", "/etc/nats-config/nats.conf"],
                env: [
                  { name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
                  { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
                ],
                ports: [
                  { name: "nats", containerPort: CLIENT_PORT },
                  { name: "monitor", containerPort: MONITORING_PORT },
                ],
                startupProbe: probe("/healthz", 10, 90),
                readinessProbe: probe("/healthz?js-server-only=true", 10, 3),
                livenessProbe: probe("/healthz?js-enabled-only=true", 30, 3),
                lifecycle: { preStop: { exec: { command: ["nats-server", `-sl=ldm=${PID_FILE}`] } } },
                volumeMounts: [
                  { name: "config", mountPath: "/etc/nats-config" },
                  { name: "pid", mountPath: "/var/run/nats" },
                  { name: "nats-js", mountPath: "/data" },
                ],
              },
            ],
            volumes: [
              {
                name: "config",
                projected: {
                  sources: [{ configMap: { name: "nats-config", items: [{ key: "nats.conf", path: "nats.conf" }] } }],
                },
              },
              { name: "pid", emptyDir: {} },
            ],
          },
        },
        volumeClaimTemplates: [{ metadata: { name: "nats-js" } }],
      },
    },
  };
}

/** Every probe of the chart waits 10 s for its first question. */
function probe(path: string, periodSeconds: number, failureThreshold: number) {
  const httpGet = { path, port: "monitor" };
  return { httpGet, initialDelaySeconds: 10, timeoutSeconds: 5, periodSeconds, failureThreshold };
}

const ROUTES = Array.from(
  { length: REPLICAS },
  (_, index) => `"nats://${NAME}-${index}.${HEADLESS}.${NAMESPACE}.svc.cluster.local:6222"`,
);

const CONF = `server_name: $POD_NAME
port: ${CLIENT_PORT}
http_port: ${MONITORING_PORT}
pid_file: "${PID_FILE}"
lame_duck_grace_period: 10s
lame_duck_duration: 30s
cluster {
  name: ${NAME}
  host: $POD_IP
  port: 6222
  no_advertise: true
  routes: [${ROUTES.join(", ")}]
}
jetstream {
  store_dir: /data
  max_memory_store: 0
  max_file_store: 10Gi
}
`;
