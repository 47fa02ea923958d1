import type { NatsProbes } from "./facts";

const ACCEPTING = { path: "/healthz?js-server-only=true", port: "monitoring" };
const JETSTREAM = { path: "/healthz?js-enabled-only=true", port: "monitoring" };

/**
 * The probes of the platform's supercluster manifests. None asks for the meta leader: a cluster has none before its peer
 * is up, and each waits for the other.
 */
export const REFERENCE_PROBES: NatsProbes = {
  startupProbe: { httpGet: ACCEPTING, periodSeconds: 5, failureThreshold: 60 },
  readinessProbe: { httpGet: JETSTREAM, initialDelaySeconds: 10, periodSeconds: 5 },
  livenessProbe: { httpGet: ACCEPTING, initialDelaySeconds: 30, periodSeconds: 10, failureThreshold: 5 },
};
