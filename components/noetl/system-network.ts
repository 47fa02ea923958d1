import type * as k8s from "@pulumi/kubernetes";
import { selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { metadata } from "./worker-manifests";
import { metricsPort, type WorkerFacts } from "./worker-facts";

/** A range of addresses that may be reached. */
export interface EgressRange {
  /** Addresses in CIDR notation, such as 10.96.0.1/32. */
  cidr: string;
  /** TCP ports. */
  ports: readonly number[];
}

/** What a system pool may reach besides the server. */
export interface SystemNetwork {
  /** Namespace of the NATS servers. */
  nats: Namespace;
  /** Further destinations. Default: none. */
  egress?: readonly EgressRange[] | undefined;
}

const tcp = (port: number) => ({ protocol: "TCP", port });

/**
 * Pods with the internal token talk to names, server and NATS, and to nobody else; what they offer are their metrics. A
 * step of a system playbook that would send the token elsewhere gets no connection.
 */
export function networkPolicy(facts: WorkerFacts, network: SystemNetwork): k8s.networking.v1.NetworkPolicyArgs {
  return {
    metadata: metadata(facts, "system-worker"),
    spec: {
      podSelector: { matchLabels: selector(facts.name) },
      policyTypes: ["Ingress", "Egress"],
      ingress: [{ ports: [tcp(metricsPort("rust"))] }],
      egress: [
        { ports: [{ protocol: "UDP", port: 53 }, tcp(53)] },
        { to: [{ podSelector: { matchLabels: { component: "server" } } }] },
        {
          to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": network.nats.name } } }],
          ports: [tcp(facts.nats.clientPort)],
        },
        ...(network.egress ?? []).map(({ cidr, ports }) => ({ to: [{ ipBlock: { cidr } }], ports: ports.map(tcp) })),
      ],
    },
  };
}
