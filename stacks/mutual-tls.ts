import { isIP } from "node:net";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace, Namespaces } from "../components/kubernetes/namespaces";
import { certificateNames as natsNames } from "../components/nats/links";
import type { ClientTls } from "../components/noetl/client-tls";
import { certificateNames, isOwnerEach, type ServerTls } from "../components/noetl/server-manifests";
import type { CertificateAuthority, TlsIdentity } from "../components/tls/authority";
import { MutualTls, type ScrapeTls } from "../components/tls/mutual-tls";
import type { PlatformSpec } from "./profile";
import { IMAGES } from "./versions";

/** What each part of the platform needs for TLS; nothing where it is off. */
export interface PlatformTls {
  server?: ServerTls;
  worker?: ClientTls;
  gateway?: ClientTls;
  nats?: TlsIdentity;
  scrape?: ScrapeTls;
}

/** For port-forwarding, as the name `localhost` is. */
const LOOPBACK = "127.0.0.1";

/** Managed Prometheus on GKE scrapes as this account. */
const GMP_COLLECTOR = { name: "collector", namespace: "gmp-system" };

/** Every name that a stack's clients know the server by: those of its Services, and that of a public URL. */
function namesOf(server: PlatformSpec["server"], namespace: Namespace): { names: string[]; addresses: string[] } {
  const own = certificateNames({ ...server, namespace });
  const host = server.publicUrl === undefined ? undefined : new URL(server.publicUrl).hostname;
  if (host === undefined || own.includes(host)) return { names: own, addresses: [LOOPBACK] };
  if (isIP(host) === 0) return { names: [...own, host], addresses: [LOOPBACK] };
  return { names: own, addresses: [...new Set([LOOPBACK, host])] };
}

/** The certificates of the server and of all that speak to it. */
export function platformTls(
  spec: PlatformSpec,
  authority: CertificateAuthority | undefined,
  namespaces: Namespaces,
  opts: pulumi.ComponentResourceOptions,
): PlatformTls {
  const { server } = spec;
  if (server.tls === "off" || !authority) return {};
  const namespace = namespaces.of("noetl");
  const nats = { name: "nats", namespace: namespaces.of("nats") };
  const made = new MutualTls(
    "mutual-tls",
    {
      authority,
      namespace,
      server: {
        ...namesOf(server, namespace),
        callsItself: isOwnerEach(server),
        metrics: server.metrics,
      },
      gateway: spec.gateway !== undefined,
      nats: spec.nats.tls?.platform ? { namespace: nats.namespace, names: natsNames(nats) } : undefined,
      collector: spec.profile === "gke" || spec.monitoring.kind === "gmp" ? GMP_COLLECTOR : undefined,
    },
    opts,
  );
  const proxyImage = IMAGES.haproxy;
  return {
    server: { identity: made.server, mutual: server.tls === "mutual", proxyImage },
    worker: { identity: made.worker, proxyImage },
    ...(made.gateway && { gateway: { identity: made.gateway, proxyImage } }),
    ...(made.nats && { nats: made.nats }),
    ...(made.scrape && { scrape: made.scrape }),
  };
}
