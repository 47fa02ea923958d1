/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment,
   @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return --
   mutations write into manifests of any kind, and a wrong one makes its test fail */
import type { ResourceGraph } from "../../../preview/graph";
import { goodLabels, mutated, without, withObject, type Inputs } from "./good";

/** A change of the good graph, and all that is then said: `RULE of RESOURCE: MESSAGE`. */
export type Mutant = [change: string, graph: ResourceGraph, ...said: string[]];

const SHOP = "Deployment shop";
const STORE = "StatefulSet store";

const shop = (change: (container: Inputs, inputs: Inputs) => void): ResourceGraph =>
  mutated(SHOP, (inputs) => {
    change(inputs.spec.template.spec.containers[0], inputs);
  });
const role = (rule: object): ResourceGraph => mutated("Role shop", (inputs) => (inputs.rules = [rule]));
const clusterRole = (rule: object): ResourceGraph => mutated("ClusterRole reader", (inputs) => (inputs.rules = [rule]));
const object = (apiVersion: string, kind: string, name: string, more: object): ResourceGraph =>
  withObject({ apiVersion, kind, metadata: { name, namespace: "web", labels: goodLabels(name) }, ...more });
const named = (name: string): ResourceGraph =>
  withObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: goodLabels("shop") } });
const labelled = (more: Record<string, string>): ResourceGraph =>
  mutated("ConfigMap shop", ({ metadata }) => Object.assign(metadata.labels, more));
const binding = (kind: string, roleName: string, subject: string): ResourceGraph =>
  object("rbac.authorization.k8s.io/v1", kind, "binding", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: roleName },
    subjects: [{ kind: "Group", name: subject }],
  });
const core = (resources: string, ...verbs: string[]) => ({ apiGroups: [""], resources: [resources], verbs });

/** Graphs that break a policy each, by its id. */
export const MUTANTS: Readonly<Record<string, Mutant[]>> = {
  "restricted-pods": [
    [
      "a privileged container",
      shop((container) => (container.securityContext.privileged = true)),
      `restricted-pods of ${SHOP}: privileged: container 'shop'`,
    ],
    [
      "a namespace that enforces nothing",
      mutated("Namespace web", ({ metadata }) => (metadata.labels = goodLabels("web"))),
      "restricted-pods of Namespace web: namespace web has no label pod-security.kubernetes.io/enforce: restricted",
    ],
  ],
  "plaintext-secrets": [
    [
      "a password in the environment",
      shop(({ env }) => env.push({ name: "PGPASSWORD", value: "hunter2" })),
      `plaintext-secrets of ${SHOP}: variable PGPASSWORD of container 'shop' is a secret by its name, and has a literal value`,
    ],
    [
      "a secret of the program in the environment, under any name",
      shop(({ env }) => env.push({ name: "GREETING", value: "hello <secret>" })),
      `plaintext-secrets of ${SHOP}: variable GREETING of container 'shop' holds a secret of the program`,
    ],
    [
      "a secret of the program in a ConfigMap",
      mutated("ConfigMap shop", ({ data }) => (data["shop.yaml"] = "<secret>")),
      "plaintext-secrets of ConfigMap shop: key shop.yaml holds a secret of the program",
    ],
  ],
  "rbac-privileges": [
    ["every verb", role(core("pods", "*")), "rbac-privileges of Role shop: verb * on pods"],
    ["every resource", role(core("*", "get")), "rbac-privileges of Role shop: resource *"],
    ["every status", role(core("*/status", "get")), "rbac-privileges of Role shop: resource *"],
    [
      "every API group",
      role({ apiGroups: ["*"], resources: ["jobs"], verbs: ["get"] }),
      "rbac-privileges of Role shop: API group * for jobs",
    ],
    [
      "every URL",
      clusterRole({ nonResourceURLs: ["*"], verbs: ["get"] }),
      "rbac-privileges of ClusterRole reader: URL *",
    ],
    ...["escalate", "bind", "impersonate"].map((verb): Mutant => [
      verb,
      clusterRole({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["clusterroles"], verbs: [verb] }),
      `rbac-privileges of ClusterRole reader: verb ${verb} on clusterroles`,
    ]),
    [
      "commands in pods",
      role(core("pods/exec", "create")),
      "rbac-privileges of Role shop: create on pods/exec, which runs commands in other pods",
    ],
    [
      "attaching",
      role(core("pods/attach", "get")),
      "rbac-privileges of Role shop: get on pods/attach, which speaks to the processes of other pods",
    ],
    [
      "forwarding",
      role(core("pods/portforward", "create")),
      "rbac-privileges of Role shop: create on pods/portforward, which passes by network policies",
    ],
    [
      "debugging",
      role(core("pods/ephemeralcontainers", "patch")),
      "rbac-privileges of Role shop: patch on pods/ephemeralcontainers, which puts containers into other pods",
    ],
    [
      "kubelets",
      clusterRole(core("nodes/proxy", "get")),
      "rbac-privileges of ClusterRole reader: get on nodes/proxy, which runs commands in every pod of a node",
    ],
    [
      "tokens",
      role(core("serviceaccounts/token", "create")),
      "rbac-privileges of Role shop: create on serviceaccounts/token, which makes tokens of other accounts",
    ],
    [
      "volumes of the node",
      clusterRole(core("persistentvolumes", "create")),
      "rbac-privileges of ClusterRole reader: create on persistentvolumes, which mounts folders of the node",
    ],
    [
      "certificates",
      clusterRole({
        apiGroups: ["certificates.k8s.io"],
        resources: ["certificatesigningrequests/approval"],
        verbs: ["update"],
      }),
      "rbac-privileges of ClusterRole reader: update on certificatesigningrequests/approval, which lets anybody be anybody",
    ],
    [
      "bindings",
      role({ apiGroups: ["rbac.authorization.k8s.io"], resources: ["rolebindings"], verbs: ["create"] }),
      "rbac-privileges of Role shop: create on rolebindings, which hands out rights",
    ],
    [
      "webhooks",
      clusterRole({
        apiGroups: ["admissionregistration.k8s.io"],
        resources: ["mutatingwebhookconfigurations"],
        verbs: ["patch"],
      }),
      "rbac-privileges of ClusterRole reader: patch on mutatingwebhookconfigurations, which reads or changes what others write",
    ],
    [
      "every Secret",
      clusterRole(core("secrets", "list")),
      "rbac-privileges of ClusterRole reader: list on secrets of every namespace",
    ],
    ["Secrets of its own namespace", role(core("secrets", "get", "list"))],
    ["one Secret, in every namespace", clusterRole({ ...core("secrets", "get"), resourceNames: ["ca"] })],
    [
      "the cluster's administrator",
      binding("ClusterRoleBinding", "cluster-admin", "team"),
      "rbac-privileges of ClusterRoleBinding binding: hands out the role cluster-admin",
    ],
    [
      "a namespace's administrator",
      binding("RoleBinding", "admin", "team"),
      "rbac-privileges of RoleBinding binding: hands out the role admin of a namespace",
    ],
    ...["system:anonymous", "system:unauthenticated", "system:authenticated", "system:serviceaccounts"].map(
      (group): Mutant => [
        group,
        binding("ClusterRoleBinding", "view", group),
        `rbac-privileges of ClusterRoleBinding binding: hands rights to ${group}`,
      ],
    ),
    [
      "system:masters",
      binding("ClusterRoleBinding", "view", "system:masters"),
      "rbac-privileges of ClusterRoleBinding binding: hands rights to the group system:masters",
    ],
  ],
  "network-policies": [
    [
      "no policy in a namespace",
      mutated("NetworkPolicy default-deny", ({ metadata }) => (metadata.namespace = "elsewhere")),
      ...[SHOP, "CronJob cleanup"].flatMap((title) =>
        ["what connects to its pods", "what its pods connect to"].map(
          (what) =>
            `network-policies of ${title}: no network policy of namespace web is about ${what}: everything is allowed`,
        ),
      ),
    ],
    [
      "a policy for one direction",
      mutated("NetworkPolicy default-deny", ({ spec }) => (spec.policyTypes = ["Ingress"])),
      ...[SHOP, "CronJob cleanup"].map(
        (title) =>
          `network-policies of ${title}: no network policy of namespace web is about what its pods connect to: everything is allowed`,
      ),
    ],
    [
      "a policy that selects some pods",
      mutated("NetworkPolicy default-deny", ({ spec }) => (spec.podSelector = { matchLabels: { app: "shop" } })),
      ...["what connects to its pods", "what its pods connect to"].map(
        (what) =>
          `network-policies of CronJob cleanup: no network policy of namespace web is about ${what}: everything is allowed`,
      ),
    ],
  ],
  "data-protected": [
    [
      "a namespace with volumes that may go",
      mutated("Namespace data", (_, resource) => (resource.protect = false)),
      "data-protected of Namespace data: namespace data has volume claims, which go with it",
    ],
    [
      "one that stays when the stack lets it go",
      mutated("Namespace data", (_, resource) => Object.assign(resource, { protect: false, retainOnDelete: true })),
    ],
    [
      "claims that go with their StatefulSet",
      mutated(STORE, ({ spec }) => (spec.persistentVolumeClaimRetentionPolicy = { whenDeleted: "Delete" })),
      `data-protected of ${STORE}: its volume claims go with it (persistentVolumeClaimRetentionPolicy)`,
    ],
    [
      "a claim of its own",
      object("v1", "PersistentVolumeClaim", "disk", { spec: {} }),
      "data-protected of Namespace web: namespace web has volume claims, which go with it",
      "data-protected of PersistentVolumeClaim disk: the claim takes its volume with it",
    ],
    [
      "a key that may go",
      mutated("RandomBytes encryption-key", (_, resource) => (resource.protect = false)),
      "data-protected of RandomBytes encryption-key: without the key nobody reads what was encrypted with it",
    ],
  ],
  "unpinned-images": [
    [
      "no tag",
      shop((container) => (container.image = "registry.example/shop")),
      `unpinned-images of ${SHOP}: container 'shop' runs 'registry.example/shop', which names no version`,
      `images-by-digest of ${SHOP}: container 'shop' runs 'registry.example/shop', which has no digest`,
    ],
    [
      "no image",
      shop((container) => delete container.image),
      `unpinned-images of ${SHOP}: container 'shop' runs no image, which names no version`,
      `images-by-digest of ${SHOP}: container 'shop' runs '', which has no digest`,
    ],
  ],
  "images-by-digest": [
    [
      "a tag alone",
      shop((container) => (container.image = "registry.example/shop:1.0")),
      `images-by-digest of ${SHOP}: container 'shop' runs 'registry.example/shop:1.0', which has no digest`,
    ],
    [
      "a tag alone for an init container",
      mutated(SHOP, ({ spec }) => (spec.template.spec.initContainers[0].image = "wait:1")),
      `images-by-digest of ${SHOP}: container 'wait' runs 'wait:1', which has no digest`,
    ],
  ],
  "resources-set": [
    [
      "nothing set",
      shop((container) => delete container.resources),
      `resources-set of ${SHOP}: container 'shop' has no requests.cpu, requests.memory, limits.memory`,
    ],
    [
      "no limit of memory",
      shop(({ resources }) => delete resources.limits),
      `resources-set of ${SHOP}: container 'shop' has no limits.memory`,
    ],
    [
      "no request of processor for an init container",
      mutated(SHOP, ({ spec }) => delete spec.template.spec.initContainers[0].resources.requests.cpu),
      `resources-set of ${SHOP}: container 'wait' has no requests.cpu`,
    ],
    [
      "limits alone, which are requests, too",
      shop((container) => (container.resources = { limits: { cpu: 1, memory: "1Gi" } })),
    ],
    [
      "resources of the whole pod",
      mutated(SHOP, ({ spec }) => {
        for (const container of [...spec.template.spec.initContainers, ...spec.template.spec.containers])
          delete container.resources;
        spec.template.spec.resources = { requests: { cpu: 1 }, limits: { memory: "1Gi" } };
      }),
    ],
  ],
  "probes-set": [
    [
      "no readiness probe",
      shop((container) => delete container.readinessProbe),
      `probes-set of ${SHOP}: no container that listens has a readinessProbe`,
    ],
    [
      "no liveness probe",
      shop((container) => delete container.livenessProbe),
      `probes-set of ${SHOP}: container 'shop' has no livenessProbe`,
    ],
    [
      "a sidecar that listens without any",
      mutated(SHOP, ({ spec }) =>
        Object.assign(spec.template.spec.initContainers[0], { restartPolicy: "Always", ports: [{ containerPort: 1 }] }),
      ),
      `probes-set of ${SHOP}: container 'wait' has no livenessProbe`,
    ],
  ],
  "disruption-budgets": [
    [
      "no budget",
      without("PodDisruptionBudget shop"),
      `disruption-budgets of ${SHOP}: no PodDisruptionBudget is about its 2 pods: draining nodes may evict all of them at once`,
    ],
    [
      "a budget that lets none go",
      mutated("PodDisruptionBudget shop", ({ spec }) => (spec.maxUnavailable = 0)),
      `disruption-budgets of ${SHOP}: PodDisruptionBudget shop lets none of its 2 pods go: a drain of their node never ends`,
    ],
    [
      "a budget that wants all",
      mutated("PodDisruptionBudget store", ({ spec }) => {
        delete spec.maxUnavailable;
        spec.minAvailable = "100%";
      }),
      `disruption-budgets of ${STORE}: PodDisruptionBudget store lets none of its 3 pods go: a drain of their node never ends`,
    ],
    [
      "a budget that lets all go",
      mutated("PodDisruptionBudget shop", ({ spec }) => (spec.maxUnavailable = "100%")),
      `disruption-budgets of ${SHOP}: PodDisruptionBudget shop lets all of its 2 pods go at once`,
    ],
    [
      "a second budget",
      object("policy/v1", "PodDisruptionBudget", "again", {
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: "shop" } } },
      }),
      `disruption-budgets of ${SHOP}: PodDisruptionBudgets shop and again are both about its pods: Kubernetes then refuses every eviction`,
    ],
    [
      "no budget for what scales",
      object("autoscaling/v2", "HorizontalPodAutoscaler", "shop", {
        spec: { scaleTargetRef: { kind: "Deployment", name: "shop" }, minReplicas: 1, maxReplicas: 9 },
      }),
    ],
  ],
  "zone-spread": [
    [
      "no constraint",
      mutated(SHOP, ({ spec }) => delete spec.template.spec.topologySpreadConstraints),
      `zone-spread of ${SHOP}: nothing spreads its 2 pods over zones`,
    ],
    [
      "a constraint by node",
      mutated(
        SHOP,
        ({ spec }) => (spec.template.spec.topologySpreadConstraints[0].topologyKey = "kubernetes.io/hostname"),
      ),
      `zone-spread of ${SHOP}: nothing spreads its 2 pods over zones`,
    ],
    [
      "a constraint that counts other pods",
      mutated(
        SHOP,
        ({ spec }) => (spec.template.spec.topologySpreadConstraints[0].labelSelector.matchLabels.app = "store"),
      ),
      `zone-spread of ${SHOP}: nothing spreads its 2 pods over zones`,
    ],
    [
      "anti-affinity instead",
      mutated(SHOP, ({ spec }) => {
        const [{ labelSelector, topologyKey }] = spec.template.spec.topologySpreadConstraints;
        delete spec.template.spec.topologySpreadConstraints;
        const podAffinityTerm = { labelSelector, topologyKey };
        spec.template.spec.affinity = {
          podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm }] },
        };
      }),
    ],
  ],
  "object-names": [
    ["capitals", named("Shop"), "object-names of ConfigMap Shop: name 'Shop' is no DNS subdomain"],
    [
      "254 characters",
      named("a".repeat(254)),
      `object-names of ConfigMap ${"a".repeat(254)}: name '${"a".repeat(254)}' has 254 characters of at most 253`,
    ],
    [
      "a Service that begins with a digit",
      object("v1", "Service", "1st", { spec: { selector: { app: "shop" } } }),
      "object-names of Service 1st: name '1st' is no DNS label",
    ],
    [
      "a namespace with a point",
      withObject({
        apiVersion: "v1",
        kind: "Namespace",
        metadata: { name: "a.b", labels: { ...goodLabels("a"), "pod-security.kubernetes.io/enforce": "restricted" } },
      }),
      "object-names of Namespace a.b: name 'a.b' is no DNS label",
    ],
    [
      "a long StatefulSet",
      mutated(STORE, ({ metadata }) => (metadata.name = "s".repeat(53))),
      `object-names of ${STORE}: name '${"s".repeat(53)}' has 53 characters of at most 52: a label of its pods has its name and a hash`,
    ],
    [
      "a long CronJob",
      mutated("CronJob cleanup", ({ metadata }) => (metadata.name = "c".repeat(53))),
      `object-names of CronJob cleanup: name '${"c".repeat(53)}' has 53 characters of at most 52: the names of its Jobs have eleven characters more`,
    ],
    ["a role with a colon", mutated("ClusterRole reader", ({ metadata }) => (metadata.name = "system:reader"))],
    [
      "a role with a slash",
      mutated("ClusterRole reader", ({ metadata }) => (metadata.name = "system/reader")),
      "object-names of ClusterRole reader: name 'system/reader' is no part of a path",
    ],
    [
      "a container with a point",
      shop((container) => (container.name = "sh.op")),
      `object-names of ${SHOP}: name 'sh.op' of a container is no DNS label`,
    ],
    [
      "a port of sixteen characters",
      shop(({ ports }) => ports.push({ name: "a".repeat(16), containerPort: 2 })),
      `object-names of ${SHOP}: name '${"a".repeat(16)}' of a port has 16 characters of at most 15`,
    ],
    [
      "a port of digits",
      shop(({ ports }) => ports.push({ name: "8080", containerPort: 2 })),
      `object-names of ${SHOP}: name '8080' of a port is none of small letters, digits and single hyphens`,
    ],
    [
      "a volume with capitals",
      mutated(SHOP, ({ spec }) => (spec.template.spec.volumes = [{ name: "Tmp", emptyDir: {} }])),
      `object-names of ${SHOP}: name 'Tmp' of a volume is no DNS label`,
    ],
    [
      "a label's key with a space",
      labelled({ "a b": "c" }),
      "object-names of ConfigMap shop: 'a b' is no key of a label",
    ],
    [
      "a label's value with a slash",
      labelled({ team: "a/b" }),
      "object-names of ConfigMap shop: label team has a value of more than 63 characters, or of others than letters, digits, - _ .",
    ],
    [
      "a label of 64 characters",
      labelled({ team: "t".repeat(64) }),
      "object-names of ConfigMap shop: label team has a value of more than 63 characters, or of others than letters, digits, - _ .",
    ],
    [
      "a bad label of the pods alone",
      mutated(SHOP, ({ spec }) => (spec.template.metadata.labels.team = "-")),
      `object-names of ${SHOP}: label team has a value of more than 63 characters, or of others than letters, digits, - _ . of its pods`,
    ],
  ],
  "common-labels": [
    [
      "no labels",
      mutated("ConfigMap shop", ({ metadata }) => delete metadata.labels),
      "common-labels of ConfigMap shop: the labels lack app.kubernetes.io/name, app.kubernetes.io/part-of, app.kubernetes.io/managed-by",
    ],
    [
      "an empty label",
      labelled({ "app.kubernetes.io/part-of": "" }),
      "common-labels of ConfigMap shop: the labels lack app.kubernetes.io/part-of",
    ],
    [
      "pods without",
      mutated(SHOP, ({ spec }) => delete spec.template.metadata.labels["app.kubernetes.io/name"]),
      `common-labels of ${SHOP}: the labels of its pods lack app.kubernetes.io/name`,
    ],
    [
      "pods that say something else",
      mutated(SHOP, ({ spec }) => (spec.template.metadata.labels["app.kubernetes.io/name"] = "store")),
      `common-labels of ${SHOP}: label app.kubernetes.io/name of its pods is 'store', its own is 'shop'`,
    ],
  ],
  selectors: [
    [
      "a selector that is empty",
      mutated(SHOP, ({ spec }) => (spec.selector = {})),
      `selectors of ${SHOP}: its selector is empty`,
    ],
    [
      "a selector of others",
      mutated(SHOP, ({ spec }) => (spec.selector.matchLabels.app = "cart")),
      `selectors of ${SHOP}: its selector does not select its own pods`,
    ],
    [
      "a selector of others, too",
      mutated(SHOP, ({ spec }) => (spec.selector.matchLabels = { "app.kubernetes.io/part-of": "noetl" })),
      `selectors of ${SHOP}: its selector also selects the pods of CronJob cleanup`,
    ],
    [
      "a Service of nothing",
      mutated("Service shop", ({ spec }) => (spec.selector.app = "cart")),
      "selectors of Service shop: it selects no pod of any workload",
    ],
    ["a Service that has its endpoints from elsewhere", mutated("Service shop", ({ spec }) => delete spec.selector)],
    [
      "a Service of a port that is not there",
      mutated("Service shop", ({ spec }) => (spec.ports[0].targetPort = "https")),
      "selectors of Service shop: its target port 'https' is a port of none of the pods it selects",
    ],
    [
      "a StatefulSet without its Service",
      mutated(STORE, ({ spec }) => (spec.serviceName = "stores")),
      `selectors of ${STORE}: it names the Service 'stores', which is not there: the pods of store have no names in DNS`,
    ],
    [
      "a budget of nothing",
      object("policy/v1", "PodDisruptionBudget", "cart", {
        spec: { maxUnavailable: 1, selector: { matchLabels: { app: "cart" } } },
      }),
      "selectors of PodDisruptionBudget cart: it selects no pod of any workload",
    ],
  ],
};
