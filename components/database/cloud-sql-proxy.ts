import type * as k8s from "@pulumi/kubernetes";
import { RESTRICTED_CONTAINER } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";

/** Port for the health checks of the kubelet. */
const HEALTH_PORT = 9801;

/** How a pod reaches a Cloud SQL instance: by the Auth Proxy beside it, which encrypts, and logs in as the pod's identity. */
export interface CloudSqlProxy {
  image: string;
  /** `PROJECT:REGION:INSTANCE` */
  instance: string;
  /** Port on the loopback address. */
  port: number;
  /** ServiceAccount in the pod's namespace whose Google identity has roles/cloudsql.client. */
  serviceAccount: string;
  resources: ResourceAmounts;
}

/**
 * The proxy as a native sidecar: an init container that keeps running. It listens before the containers start and ends
 * after them, and a Job beside it can end. Needs Kubernetes 1.29, which every release channel of GKE has.
 *
 * @see https://cloud.google.com/sql/docs/postgres/connect-auth-proxy
 */
export function cloudSqlProxy(proxy: CloudSqlProxy): k8s.types.input.core.v1.Container {
  const health = (path: string) => ({ httpGet: { path, port: "proxy-health" } });
  return {
    name: "cloud-sql-proxy",
    image: proxy.image,
    restartPolicy: "Always",
    args: [
      "--structured-logs",
      "--address=127.0.0.1",
      `--port=${proxy.port}`,
      "--private-ip",
      "--health-check",
      "--http-address=0.0.0.0",
      `--http-port=${HEALTH_PORT}`,
      "--exit-zero-on-sigterm",
      proxy.instance,
    ],
    ports: [{ name: "proxy-health", containerPort: HEALTH_PORT }],
    resources: resourceRequirements(proxy.resources),
    startupProbe: { ...health("/startup"), periodSeconds: 1, failureThreshold: 60, timeoutSeconds: 5 },
    livenessProbe: { ...health("/liveness"), periodSeconds: 10, failureThreshold: 6, timeoutSeconds: 5 },
    securityContext: RESTRICTED_CONTAINER,
  };
}
