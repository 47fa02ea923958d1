import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import type { Quantity } from "../kubernetes/quantity";
import type { ResourceAmounts } from "../kubernetes/resources";
import type { NatsAccount } from "./accounts";
import type { ClusterTuning, JetStreamTuning, LimitsConf } from "./conf";

/** Port of clients. */
export const CLIENT_PORT = 4222;
/** Port of the monitoring endpoint, plain HTTP. */
export const MONITORING_PORT = 8222;
/** Port of the other servers of a cluster. */
export const CLUSTER_PORT = 6222;
/** Port of the other clusters of a supercluster. */
export const GATEWAY_PORT = 7222;
/** Port of servers of other JetStream domains. */
export const LEAFNODE_PORT = 7422;

/** Port of the exporter's metrics, for Prometheus. */
export const METRICS_PORT = 7777;

/** How many servers a cluster may have: an even number would survive no more losses than the odd one below it. */
export const CLUSTER_SIZES = [1, 3, 5] as const;
export type ClusterSize = (typeof CLUSTER_SIZES)[number];

/**
 * When a server counts as started and gets traffic; see docs/components/nats-cluster.md for what was measured.
 *
 * - `quorum`: a restarted server counts as started once it knows the meta leader, and a rolling update then waits a
 *   little more for its streams, so that it never takes the majority away.
 * - `seed`: the platform's published manifests; a rolling update replaces all servers within seconds.
 */
export const PROBE_PRESETS = ["quorum", "seed"] as const;
export type ProbePreset = (typeof PROBE_PRESETS)[number];

/** What a NATS cluster is like. Sizes are Kubernetes quantities. */
export interface NatsFacts {
  /** Name of the StatefulSet and the client Service, and the prefix of all others. */
  name: string;
  /**
   * Name of the headless Service. Default: NAME-headless. Where it is `name` itself, that one Service is for clients,
   * too, as in the platform's supercluster manifests.
   */
  headless?: string | undefined;
  /** Further labels of every object, or other values for some: `component`, `cluster-id`, `region`. */
  labels?: Record<string, string> | undefined;
  namespace: Namespace;
  /** nats-server image, an alpine variant: the lame-duck hook runs `nats-server`, `sh` and `wget` of the image. */
  image: pulumi.Input<string>;
  /** Servers. */
  replicas: ClusterSize;
  storage: NatsStorage;
  jetstream: JetStreamLimits;
  /** Largest message a client may publish (`max_payload`); nats-server warns above 8Mi and refuses more than 64Mi. */
  maxPayload: Quantity;
  resources: ResourceAmounts;
  /** Accounts beside `$SYS` and `NOETL`. Default: none. */
  accounts?: readonly NatsAccount[] | undefined;
  /** Tags of every server (`server_tags`): `region:us-east-1`. */
  serverTags?: readonly string[] | undefined;
  /** Name of the cluster (`cluster.name`), which streams are placed by. Default: `name`. */
  clusterName?: string | undefined;
  /** Other clusters of the same supercluster. Default: none. */
  gateway?: NatsGateway | undefined;
  /** Links with other JetStream domains. Default: none. */
  leafnodes?: NatsLeafnodes | undefined;
  /** TLS of every port but the monitoring one. Default: none. */
  tls?: NatsTls | undefined;
  /** When servers count as started, or whole probes instead. */
  probes: ProbePreset | NatsProbes;
  /** Whether two servers may never share a node (`required`), or should not (`preferred`). */
  spread: "preferred" | "required";
  /** Image of the Prometheus exporter that runs beside each server. Default: no exporter. */
  exporterImage?: pulumi.Input<string> | undefined;
  /** What nobody needs to set. */
  extra?: NatsExtra | undefined;
  /** Ports on every node for clients outside the Kubernetes cluster. Default: none, a ClusterIP Service. */
  nodePorts?: NatsNodePorts | undefined;
}

/** When a server has started, gets traffic, and is restarted. */
export type NatsProbes = Required<
  Pick<k8s.types.input.core.v1.Container, "startupProbe" | "readinessProbe" | "livenessProbe">
>;

/** The volume behind JetStream's file store. */
export interface NatsStorage {
  /** Size of each server's volume; a quarter above the file store, since raft logs and indexes need room too. */
  size: Quantity;
  /** Storage class; it cannot change later. Default: the Kubernetes cluster's default class. */
  storageClass?: pulumi.Input<string> | undefined;
}

/** Limits of JetStream's stores, for each server. */
export interface JetStreamLimits {
  /** Largest memory store (`max_memory_store`); part of the container's memory limit. */
  memory: Quantity;
  /** Largest file store (`max_file_store`). */
  file: Quantity;
  /**
   * JetStream domain: letters, digits, `_` and `-`. All clusters joined by gateways must have the same one or none;
   * clusters joined by leafnodes need one each. Default: none.
   */
  domain?: string | undefined;
  /** Prefix of server tags of which no two copies of a stream may share one (`unique_tag`). Default: none. */
  uniqueTag?: string | undefined;
}

/** The other clusters of a supercluster. All have the same gateway password and the same CA. */
export interface NatsGateway {
  /** Every other cluster; none is allowed, for one that is to grow. */
  peers: readonly NatsGatewayPeer[];
  /** Port to listen on. Default: 7222. */
  port?: number | undefined;
}

/** Another cluster of the supercluster. */
export interface NatsGatewayPeer {
  /** Its `clusterName`. */
  name: string;
  /** `nats://HOST:7222`, for example of its headless Service; see {@link gatewayUrl}. */
  urls: readonly string[];
}

/** Links with other JetStream domains. */
export interface NatsLeafnodes {
  /** Whether others may connect here, as any user. */
  listen: boolean;
  /** Port to listen on. Default: 7422. */
  port?: number | undefined;
  /** Where to connect to. */
  remotes: readonly NatsLeafRemote[];
}

/** A cluster of another domain. */
export interface NatsLeafRemote {
  /** Name of this link, the key of its password: lower-case letters, digits and `_`. */
  name: string;
  /** `nats-leaf://HOST:7422`, without credentials; see {@link leafUrl}. */
  urls: readonly string[];
  /** User over there to log in as. */
  user: string;
  /** Account on this side whose subjects go over the link. */
  account: string;
  /** Subjects that go over it in neither direction. Default: none. */
  deny?: readonly string[] | undefined;
}

/** Certificates of all servers: of one Secret, made by cert-manager or by hand. */
export interface NatsTls {
  /** Secret with `tls.crt`, `tls.key` and `ca.crt`, for the names of {@link certificateNames}. */
  secretName: string;
  /**
   * What clients may do: not use TLS at all (`off`), choose (`optional`), must use it (`required`), must show a
   * certificate of the same CA (`mutual`). Routes, gateways and leafnodes always verify both sides.
   */
  clients: "off" | "optional" | "required" | "mutual";
}

/** Entries of nats.conf that nobody needs to set, in its own names. */
export interface NatsExtra extends LimitsConf {
  jetstream?: JetStreamTuning | undefined;
  cluster?: ClusterTuning | undefined;
}

/** Ports on every node. */
export interface NatsNodePorts {
  /** For clients; kind publishes 30422. */
  client: number;
  /** For the monitoring endpoint; kind publishes 30822. */
  monitoring: number;
}

/** What host names are made of. */
export type NatsNames = Pick<NatsFacts, "name" | "namespace" | "headless">;

/** Name of the headless Service, which gives every server a host name of its own. */
export function headlessName({ name, headless }: Pick<NatsFacts, "name" | "headless">): string {
  return headless ?? `${name}-headless`;
}

/** Name of the Secret with the passwords. */
export function authName({ name }: Pick<NatsFacts, "name">): string {
  return `${name}-auth`;
}

/** Name of the ConfigMap with nats.conf. */
export function configName({ name }: Pick<NatsFacts, "name">): string {
  return `${name}-config`;
}

/** The ports that the servers listen at, as manifests name them; without that of the exporter. */
export function serverPorts({ gateway, leafnodes }: NatsFacts): { name: string; port: number }[] {
  return [
    { name: "client", port: CLIENT_PORT },
    { name: "monitoring", port: MONITORING_PORT },
    { name: "cluster", port: CLUSTER_PORT },
    ...(gateway ? [{ name: "gateway", port: gateway.port ?? GATEWAY_PORT }] : []),
    ...(leafnodes?.listen === true ? [{ name: "leafnodes", port: leafnodes.port ?? LEAFNODE_PORT }] : []),
  ];
}

/** Name that streams are placed by, and that gateways know this cluster by. */
export function clusterName({ name, clusterName: given }: Pick<NatsFacts, "name" | "clusterName">): string {
  return given ?? name;
}

/** Host name of a Service, from every namespace. */
export function serviceHost(service: string, namespace: Namespace): string {
  return `${service}.${namespace.name}.svc.cluster.local`;
}

/** Host name of each server, from every namespace. */
export function podHosts(facts: NatsNames & Pick<NatsFacts, "replicas">): string[] {
  const { name, namespace, replicas } = facts;
  const domain = serviceHost(headlessName(facts), namespace);
  return Array.from({ length: replicas }, (_, index) => `${name}-${index}.${domain}`);
}

/** Where the other clusters of a supercluster find this one: one name for all its servers. */
export function gatewayUrl(facts: NatsNames, port = GATEWAY_PORT): string {
  return `nats://${serviceHost(headlessName(facts), facts.namespace)}:${port}`;
}

/** Where servers of other JetStream domains find this cluster. */
export function leafUrl(facts: NatsNames, port = LEAFNODE_PORT): string {
  return `nats-leaf://${serviceHost(headlessName(facts), facts.namespace)}:${port}`;
}

/** Whether the servers have a cluster block: more than one, or one that is a whole cluster of a supercluster. */
export function isClustered({ replicas, gateway }: Pick<NatsFacts, "replicas" | "gateway">): boolean {
  return replicas > 1 || (gateway !== undefined && gateway.peers.length > 0);
}
