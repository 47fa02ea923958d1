import type * as k8s from "@pulumi/kubernetes";
import { fromSecret, literal } from "../kubernetes/env";
import { HELPER_RESOURCES, RESTRICTED_CONTAINER } from "../kubernetes/pod";
import type { NatsConnection } from "../nats/connection";
import type { TlsIdentity } from "../tls/authority";
import { podTlsOf } from "./client-tls";
import type { RuntimeSecretKeys } from "./runtime-secrets";

/** What the container is made from. */
export interface WaitForNatsFacts {
  nats: Pick<NatsConnection, "url" | "user" | "tls">;
  secrets: Pick<RuntimeSecretKeys, "natsPassword">;
  /** Certificate of the pod, with the roots that NATS is known by. Needed where NATS requires TLS. */
  tls?: { identity: TlsIdentity } | undefined;
  /** Image with the `nats` command. */
  natsBoxImage: string;
}

/** An init container that ends when a login at NATS has worked. The pod needs a writable volume `tmp`. */
export function waitForNats({ nats, secrets, tls, natsBoxImage }: WaitForNatsFacts) {
  const { paths, volumeMounts } = podTlsOf(nats.tls ? tls : undefined);
  return {
    name: "wait-for-nats",
    image: natsBoxImage,
    command: [
      "sh",
      "-c",
      'until nats rtt --timeout 3s >/dev/null 2>&1; do echo "waiting for a login at $NATS_URL"; sleep 2; done',
    ],
    env: [
      literal("NATS_URL", nats.url),
      literal("NATS_USER", nats.user),
      fromSecret("NATS_PASSWORD", secrets.natsPassword),
      // The command keeps its settings below the home directory, and the root file system is read-only.
      literal("HOME", "/tmp"),
      ...(nats.tls ? [literal("NATS_CA", paths.ca)] : []),
    ],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...volumeMounts],
  } satisfies k8s.types.input.core.v1.Container;
}
