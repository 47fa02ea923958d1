import type { PlatformConfig } from "./schema";

/** Namespace and component of the supercluster. */
export const SUPERCLUSTER = "nats-supercluster";

/** The namespaces that a platform makes, with the component each is for. */
export function namespaceNames({
  keda,
  natsSupercluster,
}: Pick<PlatformConfig, "keda" | "natsSupercluster">): Record<string, string> {
  return {
    noetl: "platform",
    nats: "messaging",
    postgres: "database",
    ...(keda.install && { [keda.namespace]: "autoscaling" }),
    ...(natsSupercluster.topology !== "none" && { [SUPERCLUSTER]: "messaging" }),
  };
}
