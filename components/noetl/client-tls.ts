import type * as pulumi from "@pulumi/pulumi";
import type { TlsIdentity } from "../tls/authority";
import type { PodTls } from "../tls/pod-tls";

/** How pods that speak to the server prove who they are, and what they know the server by. */
export interface ClientTls {
  identity: TlsIdentity;
  /** Image with HAProxy, for programs that cannot present a certificate; see {@link ./server-proxy}. */
  proxyImage: string;
}

/** Directory of certificate, key and trusted roots in every pod. */
const DIRECTORY = "/tls";

/** Of pods that know no certificate. */
const NONE: PodTls = {
  paths: { certificate: "", key: "", ca: "" },
  volumes: [],
  volumeMounts: [],
  initContainers: [],
  podAnnotations: {},
  reloads: [],
};

/** What a pod needs for its certificate; nothing when it has none. */
export function podTlsOf(tls: { identity: TlsIdentity } | undefined): PodTls {
  return tls ? tls.identity.pod({ path: DIRECTORY }) : NONE;
}

/** Options by which `curl` presents the pod's certificate and knows the server; empty when it has none. */
export function curlOptions(tls: ClientTls | undefined): string {
  if (!tls) return "";
  const { certificate, key, ca } = podTlsOf(tls).paths;
  return ` --cacert ${ca} --cert ${certificate} --key ${key}`;
}

/** What pods with a certificate are made after: one that starts anew for another certificate must not find the old. */
export function issued(tls: { identity: TlsIdentity } | undefined): pulumi.Resource[] {
  return [...(tls?.identity.dependsOn ?? [])];
}
