import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { KubeCredentials } from "../support/kube-http";
import type { KubeObject } from "../support/objects";
import { type Authority, createAuthority, createTokenKeys, type KeyedCertificate } from "./certificates";
import { type ClusterFiles, keyOf, SERVICE_ADDRESS } from "./components";

/** All secrets of a cluster. */
export interface ClusterSecrets {
  authority: Authority;
  proxyAuthority: Authority;
  server: KeyedCertificate;
  admin: KeyedCertificate;
  proxyClient: KeyedCertificate;
  tokens: { publicKey: string; privateKey: string };
}

/** Makes new keys and certificates. */
export async function createSecrets(): Promise<ClusterSecrets> {
  const [authority, proxyAuthority] = await Promise.all([createAuthority("cluster"), createAuthority("front-proxy")]);
  const service = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
  ];
  return {
    authority,
    proxyAuthority,
    server: await authority.server(["localhost", "127.0.0.1", ...service, SERVICE_ADDRESS]),
    admin: await authority.client("admin", ["system:masters"]),
    proxyClient: await proxyAuthority.client("front-proxy-client"),
    tokens: createTokenKeys(),
  };
}

/** @returns the places of a cluster's files in its folder */
export function clusterFiles(folder: string): ClusterFiles {
  return {
    data: join(folder, "etcd"),
    etcdSocket: join(folder, "etcd.sock"),
    peerSocket: join(folder, "peer.sock"),
    ca: join(folder, "ca.crt"),
    server: join(folder, "server.crt"),
    proxyCa: join(folder, "proxy-ca.crt"),
    proxyClient: join(folder, "proxy-client.crt"),
    tokenPublicKey: join(folder, "tokens.pub"),
    tokenPrivateKey: join(folder, "tokens.key"),
    kubeconfig: join(folder, "kubeconfig"),
    scheduler: join(folder, "scheduler.yaml"),
    stages: join(folder, "stages.yaml"),
  };
}

/** What the files of a cluster are made of. */
export interface ClusterContent {
  secrets: ClusterSecrets;
  admin: KubeCredentials;
  contextName: string;
  /** What kwok plays. */
  stages: readonly KubeObject[];
}

/** Writes all files that the components read. */
export function writeClusterFiles(files: ClusterFiles, content: ClusterContent): void {
  const { secrets, admin, contextName, stages } = content;
  mkdirSync(files.data, { mode: 0o700 });
  writeKeyed(files.ca, secrets.authority);
  writeKeyed(files.server, secrets.server);
  writeKeyed(files.proxyCa, secrets.proxyAuthority);
  writeKeyed(files.proxyClient, secrets.proxyClient);
  writeFileSync(files.tokenPublicKey, secrets.tokens.publicKey);
  writeSecret(files.tokenPrivateKey, secrets.tokens.privateKey);
  writeSecret(files.kubeconfig, stringify(kubeconfig(admin, contextName)));
  writeFileSync(files.scheduler, stringify(schedulerConfiguration(files.kubeconfig)));
  writeFileSync(files.stages, stages.map((stage) => stringify(stage)).join("---\n"));
}

function writeKeyed(file: string, { certificate, key }: KeyedCertificate): void {
  writeFileSync(file, certificate);
  writeSecret(keyOf(file), key);
}

function writeSecret(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}

/** A kubeconfig that holds its certificates, so that it can be moved. */
function kubeconfig({ server, ca, certificate, key }: KubeCredentials, name: string): object {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": base64(ca) } }],
    users: [{ name, user: { "client-certificate-data": base64(certificate), "client-key-data": base64(key) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  };
}

function schedulerConfiguration(kubeconfigFile: string): object {
  return {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    clientConnection: { kubeconfig: kubeconfigFile, qps: 500, burst: 1000 },
    leaderElection: { leaderElect: false },
    // A pod that waits for its volume is tried again soon.
    podInitialBackoffSeconds: 1,
    podMaxBackoffSeconds: 1,
  };
}
