import { manifestOf, type Json, type Manifest, type ResourceGraph } from "../graph";
import { at, listOf, numberOf, objectOf, textOf } from "../json";
import type { Workload } from "../workloads";
import type { Labels } from "./selector";

export type Protocol = "TCP" | "UDP" | "SCTP";

/** A pod, as far as NetworkPolicies see it; all pods of a workload are alike to them. */
export interface Pod {
  kind: "pod";
  namespace: string;
  labels: Labels;
  /** What its containers declare; a policy may name a port by its name. */
  ports: readonly PodPort[];
  /** Its address. Offline there is none: then no ipBlock takes it, as in networks that keep ipBlock for the outside. */
  address?: string | undefined;
}

export interface PodPort {
  name?: string | undefined;
  port: number;
  protocol: Protocol;
}

/** An address that is no pod's. */
export interface Outside {
  kind: "outside";
  address: string;
}

export type Place = Pod | Outside;

/** What decides who reaches whom. */
export interface World {
  /** Labels of each namespace; each also has its name as `kubernetes.io/metadata.name`. */
  namespaces: ReadonlyMap<string, Labels>;
  policies: readonly Policy[];
}

/** A NetworkPolicy with its defaults. */
export interface Policy {
  name: string;
  namespace: string;
  podSelector: Json;
  /** Directions in which the pods it selects are isolated, and what it allows them. */
  ingress?: readonly Rule[] | undefined;
  egress?: readonly Rule[] | undefined;
}

/** What a rule allows: some peers, or every one; some ports, or every one. */
export interface Rule {
  peers?: readonly Json[] | undefined;
  ports?: readonly Json[] | undefined;
}

/** A policy's manifest with the defaults that the API server gives it. */
export function policyOf({ metadata, spec }: Manifest): Policy {
  const egress = listOf(at(spec, "egress"));
  const types = listOf(at(spec, "policyTypes"));
  const defaults = ["Ingress", ...(egress.length > 0 ? ["Egress"] : [])];
  const directions = types.length > 0 ? types : defaults;
  return {
    name: metadata.name,
    namespace: metadata.namespace ?? "default",
    podSelector: at(spec, "podSelector") ?? {},
    ...(directions.includes("Ingress") && { ingress: listOf(at(spec, "ingress")).map((rule) => ruleOf(rule, "from")) }),
    ...(directions.includes("Egress") && { egress: egress.map((rule) => ruleOf(rule, "to")) }),
  };
}

/** An empty list means the same as none: everybody, every port. */
function ruleOf(rule: Json, key: "from" | "to"): Rule {
  const peers = listOf(at(rule, key));
  const ports = listOf(at(rule, "ports"));
  return { ...(peers.length > 0 && { peers }), ...(ports.length > 0 && { ports }) };
}

/** Policies and namespaces of a rendered stack. */
export function worldOf(graph: ResourceGraph): World {
  const manifests = graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
  const ofKind = (kind: string) => manifests.filter((manifest) => manifest.kind === kind);
  return {
    namespaces: new Map(ofKind("Namespace").map(({ metadata }) => [metadata.name, objectOf(metadata.labels)])),
    policies: ofKind("NetworkPolicy").map(policyOf),
  };
}

/** A pod of a workload. */
export function podOf({ namespace, podLabels, containers, initContainers }: Workload): Pod {
  const sidecars = initContainers.filter(({ sidecar }) => sidecar);
  const declared = [...sidecars, ...containers].flatMap(({ raw }) => listOf(raw.ports));
  return { kind: "pod", namespace, labels: podLabels, ports: declared.map(portOf) };
}

function portOf(declared: Json): PodPort {
  const protocol = (textOf(at(declared, "protocol")) ?? "TCP") as Protocol;
  return { name: textOf(at(declared, "name")), port: numberOf(at(declared, "containerPort")) ?? 0, protocol };
}
