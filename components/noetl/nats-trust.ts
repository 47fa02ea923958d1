import { literal, type EnvVar } from "../kubernetes/env";
import type { NatsConnection } from "../nats/connection";

/** Where the images have the roots of the public authorities. */
const PUBLIC_ROOTS = "/etc/ssl/certs";

/**
 * What makes server, worker and gateway trust the certificates of NATS: their NATS client reads the roots of the
 * system from here, and knows no variable of its own for them. Nothing while NATS asks for no TLS.
 *
 * @param ca File of the roots in the pod.
 */
export function natsTrust(
  { tls = false }: Pick<NatsConnection, "tls">,
  ca: string | undefined,
): Record<string, string> {
  if (!tls) return {};
  if (!ca) throw new Error("NATS requires TLS, and this pod has no root to know it by");
  // The first alone would hide the public roots from all else in the process.
  return { SSL_CERT_FILE: ca, SSL_CERT_DIR: PUBLIC_ROOTS };
}

/** The same as variables of a container. */
export function natsTrustEnv(nats: Pick<NatsConnection, "tls">, ca: string | undefined): EnvVar[] {
  return Object.entries(natsTrust(nats, ca)).map(([name, value]) => literal(name, value));
}
