import type * as k8s from "@pulumi/kubernetes";

type PodSpec = k8s.types.input.core.v1.PodSpec;
type SecurityContext = k8s.types.input.core.v1.SecurityContext;

/** Who a pod's processes run as. */
export interface PodIdentity {
  /** User id; the published NoETL images declare none, so it is always explicit. */
  uid: number;
  /** Group id. Default: `uid`. */
  gid?: number;
  /** Group that owns mounted volumes. Default: none. */
  fsGroup?: number;
}

/**
 * What every pod of the platform starts from, so that it passes the *restricted* Pod Security level: an explicit
 * non-root user, the runtime's seccomp profile, no API token unless a pod asks for one, no service environment
 * variables (a Service named `noetl` would put `NOETL_PORT=tcp://…` into every pod and break the server).
 *
 * @see https://kubernetes.io/docs/concepts/security/pod-security-standards/
 */
export function restrictedPod({ uid, gid = uid, fsGroup }: PodIdentity) {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: gid,
      ...(fsGroup !== undefined && { fsGroup, fsGroupChangePolicy: "OnRootMismatch" }),
      seccompProfile: { type: "RuntimeDefault" },
    },
  } satisfies Partial<PodSpec>;
}

/** What every container of the platform starts from: no privileges to gain, no writable root file system. */
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
} satisfies SecurityContext;

/** User and group of images that bring no user of their own. */
export const NOBODY = 65534;

/** Requests and limits of a small helper container that only waits. */
export const HELPER_RESOURCES = {
  requests: { cpu: "10m", memory: "32Mi" },
  limits: { cpu: "100m", memory: "64Mi" },
} satisfies k8s.types.input.core.v1.ResourceRequirements;
