import type * as k8s from "@pulumi/kubernetes";
import { selector } from "../kubernetes/labels";
import {
  CLIENT_PORT,
  CLUSTER_PORT,
  GATEWAY_PORT,
  LEAFNODE_PORT,
  METRICS_PORT,
  MONITORING_PORT,
  type NatsFacts,
  type NatsMonitor,
} from "./facts";
import { metadata } from "./metadata";

type IngressRule = k8s.types.input.networking.v1.NetworkPolicyIngressRule;
type Peer = k8s.types.input.networking.v1.NetworkPolicyPeer;

/** Every pod of the servers' namespace. */
const NEIGHBOURS: Peer = { podSelector: {} };

/**
 * Who may reach the servers. Clients and leaf nodes may come from anywhere, since they must log in; routes from servers
 * of the same cluster, gateways from pods of the namespace. The monitoring port knows no login and tells the names of
 * accounts and subjects: it answers the namespace and those named in the facts, and everybody only where a node port is
 * to open it. What the servers may reach is not limited.
 */
export function networkPolicy(facts: NatsFacts): k8s.networking.v1.NetworkPolicyArgs {
  const { name, gateway, leafnodes, exporterImage, monitors = [], nodePorts } = facts;
  const servers: Peer = { podSelector: { matchLabels: selector(name) } };
  return {
    metadata: metadata(facts, name),
    spec: {
      podSelector: { matchLabels: selector(name) },
      policyTypes: ["Ingress"],
      ingress: [
        ingress(CLIENT_PORT),
        ...(leafnodes?.listen === true ? [ingress(leafnodes.port ?? LEAFNODE_PORT)] : []),
        ...(exporterImage === undefined ? [] : [ingress(METRICS_PORT)]),
        nodePorts ? ingress(MONITORING_PORT) : ingress(MONITORING_PORT, [NEIGHBOURS, ...monitors.map(podsOf)]),
        ingress(CLUSTER_PORT, [servers]),
        ...(gateway ? [ingress(gateway.port ?? GATEWAY_PORT, [NEIGHBOURS])] : []),
      ],
    },
  };
}

function podsOf({ namespace, app }: NatsMonitor): Peer {
  return {
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    podSelector: { matchLabels: { app } },
  };
}

/** A TCP port for some, or for all. */
function ingress(port: number, from?: Peer[]): IngressRule {
  return { ports: [{ protocol: "TCP", port }], ...(from && { from }) };
}
