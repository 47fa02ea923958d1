import type { PlatformConfig } from "./schema";

/** Namespace and component of the supercluster. */
export const SUPERCLUSTER = "nats-supercluster";

/** The namespaces that a platform makes, with the component each is for. */
export function namespaceNames({
  keda,
  certManager,
  natsSupercluster,
}: Pick<PlatformConfig, "keda" | "certManager" | "natsSupercluster">): Record<string, string> {
  return {
    noetl: "platform",
    nats: "messaging",
    postgres: "database",
    ...(keda.install === true && { [keda.namespace]: "autoscaling" }),
    ...(certManager.install === true && { [certManager.namespace]: "tls" }),
    ...(natsSupercluster.topology !== "none" && { [SUPERCLUSTER]: "messaging" }),
  };
}
