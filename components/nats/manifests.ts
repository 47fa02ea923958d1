import type * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { selector } from "../kubernetes/labels";
import { authName, CLIENT_PORT, configName, headlessName, MONITORING_PORT, serverPorts, type NatsFacts } from "./facts";
import * as layout from "./layout";
import { certificateNames } from "./links";
import { metadata } from "./metadata";
import { restartChecksum } from "./reload-table";
import { serverConf } from "./server-conf";

export { statefulSet } from "./stateful-set";

/** Who signs certificates: an Issuer of the same namespace, or a ClusterIssuer. */
export interface IssuerRef {
  name: string;
  kind: "Issuer" | "ClusterIssuer";
}

export function serviceAccount(facts: NatsFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts, facts.name), automountServiceAccountToken: false };
}

/** The passwords, as the file that nats.conf includes. */
export function authSecret(facts: NatsFacts, passwords: pulumi.Input<string>) {
  return { metadata: metadata(facts, authName(facts)), stringData: { [layout.PASSWORDS_FILE]: passwords } };
}

export function configMap(facts: NatsFacts): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(facts, configName(facts)), data: configData(serverConf(facts)) };
}

/** What the ConfigMap of a nats.conf holds. */
export function configData(conf: string): Record<string, string> {
  return { [layout.CONFIG_FILE]: conf, [layout.RESTART_FILE]: restartChecksum(conf) };
}

/** Whether clients have a Service of their own, beside the headless one. */
export function hasClientService(facts: NatsFacts): boolean {
  return headlessName(facts) !== facts.name;
}

/** Where clients connect. */
export function clientService(facts: NatsFacts): k8s.core.v1.ServiceArgs {
  const { name, nodePorts } = facts;
  return {
    metadata: metadata(facts, name),
    spec: {
      type: nodePorts ? "NodePort" : "ClusterIP",
      selector: selector(name),
      ports: [
        { ...servicePort("client", CLIENT_PORT), ...(nodePorts && { nodePort: nodePorts.client }) },
        { ...servicePort("monitoring", MONITORING_PORT), ...(nodePorts && { nodePort: nodePorts.monitoring }) },
      ],
    },
  };
}

/** Where servers find each other, and monitoring finds every server. */
export function headlessService(facts: NatsFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, headlessName(facts)),
    spec: {
      clusterIP: "None",
      // A server must be found before it is ready: a cluster forms before its servers are.
      publishNotReadyAddresses: true,
      selector: selector(facts.name),
      ports: serverPorts(facts).map(({ name, port }) => servicePort(name, port)),
    },
  };
}

/** Keeps people who drain nodes from taking the majority: one server at a time. None for a single server. */
export function disruptionBudget(facts: NatsFacts): k8s.policy.v1.PodDisruptionBudgetArgs | undefined {
  if (facts.replicas === 1) return undefined;
  // Also of five: a stream with three copies does not survive the loss of two of them.
  return oneAtATime(metadata(facts, facts.name), facts.name);
}

/** A certificate of all servers, for cert-manager to make and renew. */
export function certificate(facts: NatsFacts, secretName: string, { name, kind }: IssuerRef) {
  return {
    apiVersion: "cert-manager.io/v1",
    kind: "Certificate",
    metadata: metadata(facts, `${facts.name}-tls`),
    spec: {
      secretName,
      issuerRef: { group: "cert-manager.io", kind, name },
      dnsNames: certificateNames(facts),
      // Servers are clients of each other.
      usages: ["server auth", "client auth"],
      privateKey: { algorithm: "ECDSA", size: 256, rotationPolicy: "Always" },
      duration: "2160h",
      renewBefore: "720h",
    },
  };
}

function servicePort(name: string, port: number) {
  return { name, port, targetPort: name };
}
