import { namespaceNames } from "../../../stacks/namespaces";
import type { PlatformConfig } from "../../../stacks/schema";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";
import { waitFor } from "../support/wait";

/** A service account: `namespace/name`. */
export type Account = `${string}/${string}`;

/** One thing that an account may do in a namespace, or with `*` everywhere. */
export interface Right {
  account: Account;
  verb: string;
  /**
   * `resource`, `resource/subresource`, each followed by `.group` outside the core group: `jobs/status.batch`; and by a
   * blank and a name where it is about one object: `secrets noetl-nats`.
   */
  resource: string;
  namespace: string;
}

/** What an account is given: resources, and what it may do with them. */
type Grant = Readonly<Record<string, string>>;

const READS_SECRETS: Grant = { secrets: "get list" };

const RUNS_JOBS: Grant = {
  "jobs.batch": "create delete get list watch",
  "jobs/status.batch": "get list watch",
  pods: "get list watch",
  "pods/log": "get list",
  configmaps: "create delete",
  secrets: "create delete",
};

const READS_ITS_TOKEN: Grant = { "secrets noetl-internal-api-token": "get list watch" };

/** An orchestrator that updates the platform changes what the platform has, in its namespaces. */
const READ = "get list watch";
const CHANGE = `${READ} create update patch delete`;
const UPDATES_PLATFORM: Grant = {
  configmaps: CHANGE,
  persistentvolumeclaims: CHANGE,
  secrets: CHANGE,
  serviceaccounts: CHANGE,
  services: CHANGE,
  endpoints: READ,
  events: READ,
  pods: READ,
  "pods/log": "get list",
  "deployments.apps": CHANGE,
  "statefulsets.apps": CHANGE,
  "controllerrevisions.apps": READ,
  "replicasets.apps": READ,
  "horizontalpodautoscalers.autoscaling": CHANGE,
  "cronjobs.batch": CHANGE,
  "jobs.batch": CHANGE,
  "jobs/status.batch": READ,
  "endpointslices.discovery.k8s.io": READ,
  "ingresses.networking.k8s.io": CHANGE,
  "networkpolicies.networking.k8s.io": CHANGE,
  "poddisruptionbudgets.policy": CHANGE,
  "rolebindings.rbac.authorization.k8s.io": CHANGE,
  "roles.rbac.authorization.k8s.io": CHANGE,
  "*.cert-manager.io": CHANGE,
  "*.cloud.google.com": CHANGE,
  "*.external-secrets.io": CHANGE,
  "*.jetstream.nats.io": CHANGE,
  "*.keda.sh": CHANGE,
  "*.monitoring.coreos.com": CHANGE,
  "*.monitoring.googleapis.com": CHANGE,
  "*.networking.gke.io": CHANGE,
  "*.secret-sync.gke.io": CHANGE,
  "*.secrets-store.csi.x-k8s.io": CHANGE,
};
const ORCHESTRATOR: Account = "noetl/noetl-orchestrator";

/** Google's Prometheus, which scrapes a server with TLS by a certificate of its own. */
const COLLECTOR: Account = "gmp-system/collector";
const READS_ITS_KEY: Grant = { "secrets noetl-scrape-tls": "get list watch" };

/**
 * Everything that the service accounts of a platform may do. It is said here a second time, not derived from the roles:
 * the server reads Secrets where its keychain does, a worker runs Jobs in its own namespace where its pool may, the
 * system pool reads its one Secret, a subscription runtime may nothing, and an orchestrator that updates the platform
 * what that takes. The collector of metrics, which is not of the platform, reads one Secret.
 */
export function promisedRights(config: PlatformConfig): Right[] {
  const { profile, server, workerPools, systemPool, gcp } = config;
  // It makes nothing in Kubernetes.
  if (gcp?.layer === "infrastructure") return [];
  const readable = server.keychain.kubernetes?.namespaces ?? [];
  return [
    ...readable.flatMap((namespace) => granted(`noetl/${server.name}`, namespace, READS_SECRETS)),
    ...workerPools
      .filter(({ runsJobs }) => runsJobs)
      .flatMap(({ name }) => granted(`noetl/${name}`, "noetl", RUNS_JOBS)),
    ...granted(`noetl/${systemPool.name}`, "noetl", READS_ITS_TOKEN),
    ...ofOrchestrator(config),
    ...(profile === "gke" && server.tls !== "off" && server.metrics ? granted(COLLECTOR, "noetl", READS_ITS_KEY) : []),
  ];
}

function ofOrchestrator(config: PlatformConfig): Right[] {
  const rights = config.orchestrator?.pulumi?.rights;
  if (rights === undefined) return [];
  if (rights === "clusterAdmin") return granted(ORCHESTRATOR, ALL, { "*.*": "*" });
  const namespaces = Object.keys(namespaceNames(config));
  return [
    ...namespaces.flatMap((namespace) => granted(ORCHESTRATOR, namespace, UPDATES_PLATFORM)),
    ...namespaces.flatMap((name) => granted(ORCHESTRATOR, ALL, { [`namespaces ${name}`]: "get watch update patch" })),
    ...["clusterroles", "clusterrolebindings"].flatMap((kind) =>
      granted(ORCHESTRATOR, ALL, { [`${kind}.rbac.authorization.k8s.io noetl-orchestrator`]: "get watch" }),
    ),
  ];
}

/** Rights with those that hold everywhere said of each of these places. */
export function inPlaces(rights: readonly Right[], places: readonly string[]): Right[] {
  return rights.flatMap((right) =>
    right.namespace === ALL ? places.map((namespace) => ({ ...right, namespace })) : [right],
  );
}

function granted(account: Account, namespace: string, grant: Grant): Right[] {
  return Object.entries(grant).flatMap(([resource, verbs]) =>
    verbs.split(" ").map((verb) => ({ account, verb, resource, namespace })),
  );
}

/** An account that the platform does not know. */
export const OUTSIDER: Account = "default/default";

/**
 * The accounts of a platform: those it makes, those that pods run as which name none, the collector of metrics, and an
 * outsider.
 */
export function accountsOf(objects: readonly KubeObject[]): Account[] {
  const made = objects.filter(({ kind }) => kind === "ServiceAccount");
  const namespaces = objects.filter(({ kind }) => kind === "Namespace");
  return [
    ...made.map(({ metadata: { name, namespace = "" } }): Account => `${namespace}/${name}`),
    ...namespaces.map(({ metadata: { name } }): Account => `${name}/default`),
    COLLECTOR,
    OUTSIDER,
  ];
}

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"];
/** What lies in namespaces; of Secrets also single ones, as a right may be about one. */
const NAMESPACED = [
  "secrets",
  "secrets noetl-internal-api-token",
  "secrets noetl-scrape-tls",
  "secrets noetl-secret",
  "configmaps",
  "pods",
  "pods/exec",
  "pods/log",
  "serviceaccounts",
  "serviceaccounts/token",
  "deployments.apps",
  "statefulsets.apps",
  "jobs.batch",
  "jobs/status.batch",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
];
/** What belongs to the cluster. */
const CLUSTER_WIDE = [
  "namespaces",
  "nodes",
  "nodes/proxy",
  "persistentvolumes",
  "clusterroles.rbac.authorization.k8s.io",
  "clusterrolebindings.rbac.authorization.k8s.io",
];
/** Ways to rights that one does not have. */
const ESCALATIONS: Grant = {
  "roles.rbac.authorization.k8s.io": "bind escalate",
  "clusterroles.rbac.authorization.k8s.io": "bind escalate",
  serviceaccounts: "impersonate",
  users: "impersonate",
  groups: "impersonate",
};

const ALL = "*";

/** Everything worth asking of each account: all verbs on all that is sensitive, in each namespace and in all of them. */
export function matrix(accounts: readonly Account[], namespaces: readonly string[]): Right[] {
  const everything = (resources: readonly string[]): Grant =>
    Object.fromEntries(resources.map((resource) => [resource, VERBS.join(" ")]));
  return accounts.flatMap((account) => [
    ...[...namespaces, ALL].flatMap((namespace) => granted(account, namespace, everything(NAMESPACED))),
    ...granted(account, ALL, everything(CLUSTER_WIDE)),
    ...granted(account, ALL, ESCALATIONS),
  ]);
}

/** Rights without those about one object that the same right about all objects gives. */
export function withoutImplied(rights: readonly Right[]): Right[] {
  const lines = new Set(asLines(rights));
  const general = (right: Right): Right => ({ ...right, resource: right.resource.replace(/ .*/, "") });
  return rights.filter(
    (right) => !right.resource.includes(" ") || !asLines([general(right)]).some((line) => lines.has(line)),
  );
}

/** Those of the rights that the authorizer confirms, by SubjectAccessReviews. */
export async function confirmed(kube: KubeClient, rights: readonly Right[]): Promise<Right[]> {
  const answers = await Promise.all(rights.map((right) => isAllowed(kube, right)));
  return rights.filter((_, index) => answers[index]);
}

/** Waits until the authorizer has learned all roles. What it never learns is left to a comparison to tell. */
export async function untilConfirmed(kube: KubeClient, rights: readonly Right[]): Promise<void> {
  const look = async (): Promise<true | undefined> =>
    (await confirmed(kube, rights)).length === rights.length ? true : undefined;
  await waitFor("the authorizer to know all roles", look).catch(() => undefined);
}

function isAllowed(kube: KubeClient, { account, verb, resource: path, namespace }: Right): Promise<boolean> {
  const { name: serviceAccount, namespace: home } = partsOf(account);
  const [, resource = "", subresource, group = "", object] =
    /^([^/. ]+)(?:\/([^. ]+))?(?:\.([^ ]+))?(?: (.+))?$/.exec(path) ?? [];
  return kube.allows(
    { serviceAccount, namespace: home },
    {
      verb,
      resource,
      group,
      ...(subresource !== undefined && { subresource }),
      ...(object !== undefined && { name: object }),
      ...(namespace !== ALL && { namespace }),
    },
  );
}

interface RulesReview {
  status: {
    incomplete: boolean;
    resourceRules: { verbs: string[]; apiGroups: string[]; resources: string[]; resourceNames?: string[] }[];
  };
}

/** All that the authorizer knows an account may do in a namespace, said by itself (SelfSubjectRulesReview). */
export async function rightsIn(kube: KubeClient, account: Account, namespace: string): Promise<Right[]> {
  const { name, namespace: home } = partsOf(account);
  const { body } = await kube.send<RulesReview>("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {
    method: "POST",
    headers: {
      "impersonate-user": `system:serviceaccount:${home}:${name}`,
      "impersonate-group": ["system:serviceaccounts", `system:serviceaccounts:${home}`, "system:authenticated"],
    },
    body: { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectRulesReview", spec: { namespace } },
  });
  return body.status.resourceRules.flatMap(({ verbs, apiGroups, resources, resourceNames = [""] }) =>
    verbs.flatMap((verb) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) =>
          resourceNames.map((object) => ({
            account,
            verb,
            resource: `${resource}${group === "" ? "" : `.${group}`}${object === "" ? "" : ` ${object}`}`,
            namespace,
          })),
        ),
      ),
    ),
  );
}

/** What a right is about, whoever has it and wherever. */
export function whatOf({ verb, resource }: Right): string {
  return `${verb} ${resource}`;
}

/** Rights as sorted lines, one each: `noetl/worker: get secrets in noetl`. */
export function asLines(rights: readonly Right[]): string[] {
  const lines = rights.map(
    ({ account, verb, resource, namespace }) => `${account}: ${verb} ${resource} in ${namespace}`,
  );
  return [...new Set(lines)].sort();
}

function partsOf(account: Account): { namespace: string; name: string } {
  const [namespace = "", name = ""] = account.split("/");
  return { namespace, name };
}
