import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import type { Quantity } from "../kubernetes/quantity";
import type { ResourceAmounts } from "../kubernetes/resources";

/** Port of clients. */
export const CLIENT_PORT = 4222;
/** Port of the monitoring endpoint, plain HTTP. */
export const MONITORING_PORT = 8222;
/** Port of the other servers of a cluster. */
export const CLUSTER_PORT = 6222;

/** What a NATS cluster is like. Sizes are Kubernetes quantities. */
export interface NatsFacts {
  /** Name of the StatefulSet and the client Service, and the prefix of all others. */
  name: string;
  namespace: Namespace;
  /** nats-server image, an alpine variant: the lame-duck hook runs the `nats-server` of the image's PATH. */
  image: pulumi.Input<string>;
  storage: NatsStorage;
  jetstream: JetStreamLimits;
  /** Largest message a client may publish (`max_payload`); nats-server warns above 8Mi and refuses more than 64Mi. */
  maxPayload: Quantity;
  resources: ResourceAmounts;
  /** Ports on every node for clients outside the Kubernetes cluster. Default: none, a ClusterIP Service. */
  nodePorts?: NatsNodePorts | undefined;
}

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
}

/** Ports on every node. */
export interface NatsNodePorts {
  /** For clients; kind publishes 30422. */
  client: number;
  /** For the monitoring endpoint; kind publishes 30822. */
  monitoring: number;
}

/** Name of the headless Service, which gives every server a host name of its own. */
export function headlessName(name: string): string {
  return `${name}-headless`;
}

/** Host name of a Service, from every namespace. */
export function serviceHost(service: string, namespace: Namespace): string {
  return `${service}.${namespace.name}.svc.cluster.local`;
}
