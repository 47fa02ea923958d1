/** The command lines of the control plane: pure, from the places of its files. */

import { kubeletArguments } from "./port-forwards";

/** Names of the processes of a cluster, in the order of their start. */
export const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Files of a cluster, all in its folder. Each certificate has its key beside it (see {@link keyOf}). */
export interface ClusterFiles {
  /** Where etcd keeps its data. */
  data: string;
  etcdSocket: string;
  peerSocket: string;
  /** Certificate of the authority for servers and clients. */
  ca: string;
  server: string;
  /** Certificate of the authority for the API server as a proxy of aggregated APIs. */
  proxyCa: string;
  proxyClient: string;
  tokenPublicKey: string;
  tokenPrivateKey: string;
  /** Kubeconfig of an administrator. */
  kubeconfig: string;
  /** Kubeconfig and settings of the scheduler. */
  scheduler: string;
  /** Stages that kwok plays. */
  stages: string;
}

/** @returns the place of the private key of a certificate */
export function keyOf(certificate: string): string {
  return certificate.replace(/\.crt$/, ".key");
}

/** Address of the API server's own Service, the first of the service range. */
export const SERVICE_ADDRESS = "10.96.0.1";

/** Of the controller of HorizontalPodAutoscalers, in seconds. */
export interface AutoscalerTimes {
  /** Between two syncs. */
  syncPeriod: number;
  /** For how long an earlier recommendation keeps pods. */
  downscaleStabilization: number;
}

/** Minutes in a cluster that people use; a test has no time for that. */
const AUTOSCALER: AutoscalerTimes = { syncPeriod: 1, downscaleStabilization: 5 };

/** What differs from cluster to cluster. */
export interface ComponentSettings {
  autoscaler?: AutoscalerTimes | undefined;
  /** Port of all nodes' kubelets. @default none, and no pod can be reached */
  kubeletPort?: number | undefined;
}

/** @returns the arguments of each component */
export function componentArguments(
  files: ClusterFiles,
  port: number,
  { autoscaler = AUTOSCALER, kubeletPort }: ComponentSettings = {},
): Record<ComponentName, string[]> {
  const kubelet =
    kubeletPort === undefined
      ? { kwok: [], "kube-apiserver": [] }
      : kubeletArguments(kubeletPort, files.server, keyOf(files.server));
  return {
    etcd: etcd(files),
    "kube-apiserver": [...apiServer(files, port), ...kubelet["kube-apiserver"]],
    "kube-controller-manager": controllerManager(files, autoscaler),
    "kube-scheduler": [`--config=${files.scheduler}`, "--secure-port=0", "--leader-elect=false"],
    kwok: [
      `--kubeconfig=${files.kubeconfig}`,
      `--config=${files.stages}`,
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds=40",
      ...kubelet.kwok,
    ],
  };
}

/** Sockets in the cluster's folder need no ports, and no one else can reach them. */
function etcd({ data, etcdSocket, peerSocket }: ClusterFiles): string[] {
  return [
    "--name=etcd",
    `--data-dir=${data}`,
    `--listen-client-urls=unix://${etcdSocket}`,
    `--listen-peer-urls=unix://${peerSocket}`,
    // Addresses for other members, of which there are none; they must look like addresses.
    "--advertise-client-urls=unix://etcd:1",
    "--initial-advertise-peer-urls=unix://etcd:2",
    "--initial-cluster=etcd=unix://etcd:2",
    // The data need not survive a power cut.
    "--unsafe-no-fsync=true",
    "--log-level=warn",
  ];
}

function apiServer(files: ClusterFiles, port: number): string[] {
  return [
    `--etcd-servers=unix://${files.etcdSocket}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port}`,
    `--tls-cert-file=${files.server}`,
    `--tls-private-key-file=${keyOf(files.server)}`,
    `--client-ca-file=${files.ca}`,
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    "--service-cluster-ip-range=10.96.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${files.tokenPublicKey}`,
    `--service-account-signing-key-file=${files.tokenPrivateKey}`,
    // A loopback address is no valid endpoint of the `kubernetes` Service.
    "--endpoint-reconciler-type=none",
    `--requestheader-client-ca-file=${files.proxyCa}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${files.proxyClient}`,
    `--proxy-client-key-file=${keyOf(files.proxyClient)}`,
    "--profiling=false",
  ];
}

function controllerManager(files: ClusterFiles, autoscaler: AutoscalerTimes): string[] {
  return [
    `--kubeconfig=${files.kubeconfig}`,
    "--secure-port=0",
    "--leader-elect=false",
    `--root-ca-file=${files.ca}`,
    `--service-account-private-key-file=${files.tokenPrivateKey}`,
    `--cluster-signing-cert-file=${files.ca}`,
    `--cluster-signing-key-file=${keyOf(files.ca)}`,
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    `--horizontal-pod-autoscaler-sync-period=${autoscaler.syncPeriod}s`,
    `--horizontal-pod-autoscaler-downscale-stabilization=${autoscaler.downscaleStabilization}s`,
    "--pvclaimbinder-sync-period=1s",
    "--profiling=false",
  ];
}
