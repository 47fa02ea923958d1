import type { NamespacesArgs } from "../components/kubernetes/namespaces";
import type { PlatformSpec } from "./profile";
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

/** The namespaces, of which those with volumes are protected where people depend on them: their volumes go with them. */
export function namespacesOf(spec: PlatformSpec): NamespacesArgs {
  const { natsSupercluster, postgres, ollamaBridge, orchestrator, secrets, traits } = spec;
  const withVolumes = [
    "nats",
    ...(natsSupercluster.topology === "none" ? [] : [SUPERCLUSTER]),
    ...(postgres.mode === "inCluster" ? ["postgres"] : []),
    ...(ollamaBridge?.backend || (orchestrator && !orchestrator.surrealdb) ? ["noetl"] : []),
  ];
  return { names: namespaceNames(spec), protected: traits.production && secrets.protect ? withVolumes : [] };
}
