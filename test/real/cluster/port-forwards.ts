/** Port-forwards into pods: kwok's part of a kubelet, which leads each to where something really listens. */

import type { KubeObject } from "../support/objects";

const GROUP = "kwok.x-k8s.io";
const VERSION = "v1alpha1";

/** Where the ports of a pod lead, by the pod's own ports. */
export type PodPorts = ReadonlyMap<number, { host: string; port: number }>;

/** The kind that kwok looks into; of its schema only what is used here. */
export const PORT_FORWARD_DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `portforwards.${GROUP}`, annotations: { "api-approved.kubernetes.io": "unapproved, for tests" } },
  spec: {
    group: GROUP,
    scope: "Namespaced",
    names: { kind: "PortForward", listKind: "PortForwardList", plural: "portforwards", singular: "portforward" },
    versions: [
      {
        name: VERSION,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

/** Leads the ports of a pod; every other port is refused. */
export function portForward(namespace: string, pod: string, ports: PodPorts): KubeObject {
  const forwards = [...ports].map(([port, target]) => ({
    ports: [port],
    target: { address: target.host, port: target.port },
  }));
  return {
    apiVersion: `${GROUP}/${VERSION}`,
    kind: "PortForward",
    metadata: { name: pod, namespace },
    spec: { forwards },
  };
}

/** What kwok and the API server are told besides, so that the API server finds the kubelet of each node on this port. */
export function kubeletArguments(port: number, certificate: string, key: string) {
  return {
    kwok: [
      "--enable-crds=PortForward",
      "--node-ip=127.0.0.1",
      `--node-port=${port}`,
      `--server-address=127.0.0.1:${port}`,
      `--tls-cert-file=${certificate}`,
      `--tls-private-key-file=${key}`,
    ],
    // The names of the nodes are in no DNS.
    "kube-apiserver": ["--kubelet-preferred-address-types=InternalIP"],
  };
}
