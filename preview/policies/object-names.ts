import { manifestOf, type Json, type Manifest } from "../graph";
import { at, listOf, objectOf, textOf } from "../json";
import { rawContainers, type Policy, type PolicyContext, type Violation } from "./policy";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
/** Services begin with a letter. */
const SERVICE = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;
const PORT = /^(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** The form and the longest length of a kind's names; all others are DNS subdomains of 253 characters at most. */
const FORMS: Readonly<Record<string, { form: RegExp; length: number; because?: string }>> = {
  Namespace: { form: LABEL, length: 63 },
  Service: { form: SERVICE, length: 63 },
  // The controller puts the name and a hash, or the index, into a label of each pod.
  StatefulSet: { form: SUBDOMAIN, length: 52, because: "a label of its pods has its name and a hash" },
  CronJob: { form: SUBDOMAIN, length: 52, because: "the names of its Jobs have eleven characters more" },
  Job: { form: SUBDOMAIN, length: 63, because: "a label of its pods has its name" },
  Deployment: { form: SUBDOMAIN, length: 63, because: "a pod's host name has no more" },
  DaemonSet: { form: SUBDOMAIN, length: 63, because: "a pod's host name has no more" },
  ReplicaSet: { form: SUBDOMAIN, length: 63, because: "a pod's host name has no more" },
};

/** What the API server would refuse, or a controller stumble over later. */
export const objectNames: Policy = {
  id: "object-names",
  title: "Names and labels have the form and length that Kubernetes and DNS take.",
  reason:
    "Some of it the API server refuses in the midst of an update; the rest it takes, and no pod ever starts since the name does not fit into a label of it.",
  severity: "error",
  fix: "shorten the name, or use small letters, digits and hyphens",
  find: (context) => [...nameProblems(context), ...podProblems(context)],
};

function nameProblems({ graph }: PolicyContext): Violation[] {
  return graph.resources.flatMap((resource): Violation[] => {
    const manifest = manifestOf(resource);
    if (!manifest) return [];
    const problems = [...ownName(manifest), ...labelProblems(manifest.metadata.labels)];
    return problems.map((message) => ({ resource: resource.urn, message }));
  });
}

function ownName({ apiVersion, kind, metadata: { name } }: Manifest): string[] {
  // Names of roles are parts of a path: system:auth-delegator.
  if (apiVersion.startsWith("rbac.authorization.k8s.io/")) {
    return name === "." || name === ".." || /[/%]/.test(name) ? [`name '${name}' is no part of a path`] : [];
  }
  const { form, length, because } = FORMS[kind] ?? { form: SUBDOMAIN, length: 253 };
  return [
    ...(form.test(name) ? [] : [`name '${name}' is no DNS ${form === SUBDOMAIN ? "subdomain" : "label"}`]),
    ...tooLong(`name '${name}'`, name, length, because),
  ];
}

function podProblems({ workloads }: PolicyContext): Violation[] {
  return workloads.flatMap((workload) => {
    const containers = rawContainers(workload);
    const ports = containers.flatMap((raw) => listOf(raw.ports).flatMap((port) => textOf(at(port, "name")) ?? []));
    const named = [
      ...containers.map((raw) => ["container", textOf(raw.name) ?? ""] as const),
      ...listOf(workload.podSpec.volumes).map((volume) => ["volume", textOf(at(volume, "name")) ?? ""] as const),
    ];
    const problems = [
      ...named.flatMap(([what, name]) => [
        ...(LABEL.test(name) ? [] : [`name '${name}' of a ${what} is no DNS label`]),
        ...tooLong(`name '${name}' of a ${what}`, name, 63),
      ]),
      ...ports.flatMap((name) => [
        ...(PORT.test(name) ? [] : [`name '${name}' of a port is none of small letters, digits and single hyphens`]),
        ...tooLong(`name '${name}' of a port`, name, 15),
      ]),
      ...labelProblems(workload.podLabels).map((problem) => `${problem} of its pods`),
    ];
    return problems.map((message) => ({ resource: workload.resource.urn, message }));
  });
}

function labelProblems(labels: Json | undefined): string[] {
  return Object.entries(objectOf(labels)).flatMap(([key, value]) => {
    const slash = key.lastIndexOf("/");
    const [prefix, name] = slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
    const isKey = LABEL_PART.test(name) && name.length <= 63 && (prefix === undefined || SUBDOMAIN.test(prefix));
    // null leaves a label out.
    const text = value ?? "";
    const isValue = typeof text === "string" && (text === "" || (LABEL_PART.test(text) && text.length <= 63));
    return [
      ...(isKey ? [] : [`'${key}' is no key of a label`]),
      ...(isValue
        ? []
        : [`label ${key} has a value of more than 63 characters, or of others than letters, digits, - _ .`]),
    ];
  });
}

function tooLong(what: string, name: string, length: number, because?: string): string[] {
  if (name.length <= length) return [];
  return [`${what} has ${name.length} characters of at most ${length}${because === undefined ? "" : `: ${because}`}`];
}
