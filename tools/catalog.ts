/**
 * The pinned tools that the real tests run, as data: what to build, how to ask for a version, and which versions of a
 * tool found on PATH are good enough to be used instead.
 */

import { type RustRecipe, type RustRecipeName, RUST_RECIPES } from "./rust";
import { PULUMI_SDK_GO } from "./pulumi-sdk-go";
import { VAULT_DEV } from "./vault-dev";
import type { VersionRange } from "./versions";

/** Name of a tool. */
export type ToolName =
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-language-python"
  | "pulumi-language-go"
  | "pulumi-sdk-go"
  | "etcd"
  | "kubectl"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kwok"
  | "nats-server"
  | "nats"
  | "jetstream-controller"
  | "kubeconform"
  | "kube-score"
  | "actionlint"
  | "keda-operator"
  | "keda-adapter"
  | "vault-dev"
  | "surreal";

/** Name of a recipe of a Go module, and of its folder in the cache. One recipe may build several tools. */
export type RecipeName =
  | "pulumi"
  | "pulumi-language-nodejs"
  | "pulumi-language-python"
  | "pulumi-language-go"
  | "pulumi-sdk-go"
  | "etcd"
  | "kubectl"
  | "kubernetes"
  | "kwok"
  | "nats-server"
  | "natscli"
  | "nack"
  | "kubeconform"
  | "kube-score"
  | "actionlint"
  | "keda"
  | "vault";

export type AnyRecipeName = RecipeName | RustRecipeName;

/** How a set of tools is built from one Go module. */
export interface Recipe {
  /** Path of the Go module. */
  module: string;
  /** Its version, with the `v`. */
  version: string;
  /** Import paths of main packages. The last element (before a major version) names the executable. */
  packages?: readonly string[];
  /** Own main files, by the name of the executable. */
  mains?: Readonly<Record<string, string>>;
  /** Version of the modules that the module's repository holds as folders and requires as `v0.0.0`. */
  stagingVersion?: string;
  /** Go string variables set by the linker, by their full name. */
  variables?: Readonly<Record<string, string>>;
  /** Files of the module that the tool reads when it runs; copied into one folder beside the executables. */
  files?: readonly string[];
}

/** One tool of a recipe. */
export interface Tool {
  recipe: AnyRecipeName;
  /** Name of its executable file. Default: the tool's own name. */
  executable?: string;
  /** Arguments that make it print its version and exit. */
  versionArguments: readonly string[];
  /**
   * Versions accepted on PATH: `from` or newer, older than `below`. Undefined: never taken from PATH, because what it
   * needs beside its executable comes only with a build.
   */
  onPath?: VersionRange;
  /** Why it is not built for a run of all tests. Undefined: it is. */
  slow?: string;
}

// renovate: depName=github.com/pulumi/pulumi/pkg/v3
const PULUMI = "v3.259.0";
// renovate: depName=k8s.io/kubernetes
const KUBERNETES = "v1.36.1";
// renovate: depName=github.com/kedacore/keda/v2
const KEDA = "v2.20.2";

export const RECIPES: Readonly<Record<RecipeName, Recipe>> = {
  pulumi: {
    module: "github.com/pulumi/pulumi/pkg/v3",
    version: PULUMI,
    packages: ["github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": PULUMI },
  },
  // The last version inside the SDK module; the Go proxy has none of its own module. Its protocol still holds.
  "pulumi-language-nodejs": {
    module: "github.com/pulumi/pulumi/sdk/v3",
    version: "v3.68.0",
    packages: ["github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.68.0" },
  },
  "pulumi-language-python": {
    module: "github.com/pulumi/pulumi/sdk/v3",
    version: "v3.68.0",
    packages: ["github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.68.0" },
    // Runs the program; looked for on PATH.
    files: ["python/cmd/pulumi-language-python-exec"],
  },
  // The last version in which it is inside the SDK module.
  "pulumi-language-go": {
    module: "github.com/pulumi/pulumi/sdk/v3",
    version: "v3.64.0",
    packages: ["github.com/pulumi/pulumi/sdk/v3/go/pulumi-language-go"],
    variables: { "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version": "v3.64.0" },
  },
  "pulumi-sdk-go": {
    module: "github.com/pulumi/pulumi/pkg/v3",
    version: PULUMI,
    mains: { "pulumi-sdk-go": PULUMI_SDK_GO },
    variables: { "main.version": PULUMI },
  },
  etcd: {
    module: "go.etcd.io/etcd/server/v3",
    version: "v3.6.16",
    mains: {
      etcd: `package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
`,
    },
  },
  kubectl: {
    module: "k8s.io/kubernetes",
    version: KUBERNETES,
    stagingVersion: KUBERNETES.replace("v1.", "v0."),
    packages: ["k8s.io/kubernetes/cmd/kubectl"],
    variables: { "k8s.io/component-base/version.gitVersion": KUBERNETES },
  },
  kubernetes: {
    module: "k8s.io/kubernetes",
    version: KUBERNETES,
    stagingVersion: KUBERNETES.replace("v1.", "v0."),
    packages: [
      "k8s.io/kubernetes/cmd/kube-apiserver",
      "k8s.io/kubernetes/cmd/kube-controller-manager",
      "k8s.io/kubernetes/cmd/kube-scheduler",
    ],
    variables: { "k8s.io/component-base/version.gitVersion": KUBERNETES },
  },
  kwok: {
    module: "sigs.k8s.io/kwok",
    version: "v0.8.0",
    packages: ["sigs.k8s.io/kwok/cmd/kwok"],
    files: [
      "kustomize/stage/node/fast/node-initialize.yaml",
      "kustomize/stage/node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
      "kustomize/stage/pod/fast/pod-ready.yaml",
      "kustomize/stage/pod/fast/pod-complete.yaml",
      "kustomize/stage/pod/fast/pod-delete.yaml",
    ],
  },
  "nats-server": {
    module: "github.com/nats-io/nats-server/v2",
    version: "v2.15.2",
    packages: ["github.com/nats-io/nats-server/v2"],
  },
  natscli: {
    module: "github.com/nats-io/natscli",
    version: "v0.3.0",
    packages: ["github.com/nats-io/natscli/nats"],
    variables: { "main.version": "v0.3.0" },
  },
  nack: {
    module: "github.com/nats-io/nack",
    version: "v0.23.0",
    packages: ["github.com/nats-io/nack/cmd/jetstream-controller"],
    variables: { "main.Version": "v0.23.0" },
  },
  kubeconform: {
    module: "github.com/yannh/kubeconform",
    version: "v0.8.0",
    packages: ["github.com/yannh/kubeconform/cmd/kubeconform"],
    variables: { "main.version": "v0.8.0" },
  },
  "kube-score": {
    module: "github.com/zegl/kube-score",
    version: "v1.20.0",
    packages: ["github.com/zegl/kube-score/cmd/kube-score"],
    variables: { "main.version": "v1.20.0" },
  },
  actionlint: {
    module: "github.com/rhysd/actionlint",
    version: "v1.7.12",
    packages: ["github.com/rhysd/actionlint/cmd/actionlint"],
  },
  keda: {
    module: "github.com/kedacore/keda/v2",
    version: KEDA,
    packages: ["github.com/kedacore/keda/v2/cmd/operator", "github.com/kedacore/keda/v2/cmd/adapter"],
    variables: { "github.com/kedacore/keda/v2/version.Version": KEDA.slice(1) },
    // The operator waits for every kind it watches, so it needs more than the kinds that the platform renders.
    files: [
      "config/crd/bases/eventing.keda.sh_cloudeventsources.yaml",
      "config/crd/bases/eventing.keda.sh_clustercloudeventsources.yaml",
      "config/crd/bases/keda.sh_clustertriggerauthentications.yaml",
      "config/crd/bases/keda.sh_scaledjobs.yaml",
      "config/crd/bases/keda.sh_scaledobjects.yaml",
      "config/crd/bases/keda.sh_triggerauthentications.yaml",
    ],
  },
  // Of 1.20 the module requires a release of its SDK that it does not compile with.
  vault: {
    module: "github.com/hashicorp/vault",
    version: "v1.21.1",
    mains: { "vault-dev": VAULT_DEV },
  },
};

// The control plane's parts must be of one minor version, so none is taken from PATH in a newer one.
const SAME_MINOR = { from: "1.36.0", below: "1.37.0" };

export const TOOLS: Readonly<Record<ToolName, Tool>> = {
  pulumi: { recipe: "pulumi", versionArguments: ["version"], onPath: { from: "3.259.0", below: "4.0.0" } },
  // None of these three can print its version, so that only those who know where they come from take them from PATH.
  "pulumi-language-nodejs": { recipe: "pulumi-language-nodejs", versionArguments: ["-help"] },
  "pulumi-language-python": { recipe: "pulumi-language-python", versionArguments: ["-help"] },
  "pulumi-language-go": { recipe: "pulumi-language-go", versionArguments: ["-help"] },
  "pulumi-sdk-go": { recipe: "pulumi-sdk-go", versionArguments: ["--version"] },
  etcd: { recipe: "etcd", versionArguments: ["--version"], onPath: { from: "3.6.0", below: "4.0.0" } },
  // What is asked of it here, older ones can as well.
  kubectl: { recipe: "kubectl", versionArguments: ["version", "--client"], onPath: { from: "1.30.0", below: "2.0.0" } },
  "kube-apiserver": { recipe: "kubernetes", versionArguments: ["--version"], onPath: SAME_MINOR },
  "kube-controller-manager": { recipe: "kubernetes", versionArguments: ["--version"], onPath: SAME_MINOR },
  "kube-scheduler": { recipe: "kubernetes", versionArguments: ["--version"], onPath: SAME_MINOR },
  kwok: { recipe: "kwok", versionArguments: ["--version"] },
  "nats-server": { recipe: "nats-server", versionArguments: ["--version"], onPath: { from: "2.15.0", below: "3.0.0" } },
  nats: { recipe: "natscli", versionArguments: ["--version"], onPath: { from: "0.3.0", below: "1.0.0" } },
  "jetstream-controller": { recipe: "nack", versionArguments: ["-version"] },
  kubeconform: { recipe: "kubeconform", versionArguments: ["-v"], onPath: { from: "0.8.0", below: "1.0.0" } },
  "kube-score": { recipe: "kube-score", versionArguments: ["version"], onPath: { from: "1.20.0", below: "2.0.0" } },
  actionlint: { recipe: "actionlint", versionArguments: ["-version"], onPath: { from: "1.7.0", below: "2.0.0" } },
  // Neither can print its version.
  "keda-operator": { recipe: "keda", executable: "operator", versionArguments: ["--help"] },
  "keda-adapter": { recipe: "keda", executable: "adapter", versionArguments: ["--help"] },
  "vault-dev": {
    recipe: "vault",
    versionArguments: [],
    slow: "1600 packages, eight minutes of processor time",
  },
  surreal: {
    recipe: "surrealdb",
    versionArguments: ["version"],
    onPath: { from: "3.0.0", below: "4.0.0" },
    slow: "700 crates, fifteen to thirty minutes on two cores",
  },
};

/** A recipe by its name. */
export function recipeOf(name: AnyRecipeName): Recipe | RustRecipe {
  return name in RECIPES ? RECIPES[name as RecipeName] : RUST_RECIPES[name as RustRecipeName];
}

/** Every tool's name, in the order in which they are built and listed. */
export const TOOL_NAMES = Object.keys(TOOLS) as ToolName[];

/** Those that a run of all tests builds. */
export const QUICK_TOOL_NAMES = TOOL_NAMES.filter((name) => TOOLS[name].slow === undefined);

/** A Kubernetes minor version that rendered objects are validated against. */
export type KubernetesMinor = "1.34" | "1.35" | "1.36";

/** The module version whose OpenAPI document describes each minor version. */
export const KUBERNETES_VERSIONS: Readonly<Record<KubernetesMinor, string>> = {
  "1.34": "v1.34.4",
  "1.35": "v1.35.4",
  "1.36": KUBERNETES,
};

/** The project that defines a group of custom resources. */
export interface CrdProject {
  /** Name as its users write it. */
  project: string;
  /** API groups it defines. */
  groups: readonly string[];
  /** Go module that carries the definitions, and the folder in it. Undefined: no Go module has them. */
  module?: { path: string; version: string; folder: string };
  /** Folder of this repository with definitions of our own, where nobody publishes any. */
  own?: string;
}

export const CRD_PROJECTS: readonly CrdProject[] = [
  {
    project: "KEDA",
    groups: ["keda.sh"],
    module: { path: "github.com/kedacore/keda/v2", version: KEDA, folder: "config/crd/bases" },
  },
  {
    project: "cert-manager",
    groups: ["cert-manager.io", "acme.cert-manager.io"],
    module: { path: "github.com/cert-manager/cert-manager", version: "v1.21.2", folder: "deploy/crds" },
  },
  {
    project: "Prometheus Operator",
    groups: ["monitoring.coreos.com"],
    module: {
      path: "github.com/prometheus-operator/prometheus-operator",
      version: "v0.85.0",
      folder: "example/prometheus-operator-crd",
    },
  },
  { project: "Google Managed Prometheus", groups: ["monitoring.googleapis.com"] },
  {
    project: "Secrets Store CSI driver",
    groups: ["secrets-store.csi.x-k8s.io"],
    module: { path: "sigs.k8s.io/secrets-store-csi-driver", version: "v1.5.3", folder: "config/crd/bases" },
  },
  {
    project: "External Secrets Operator",
    groups: ["external-secrets.io"],
    module: { path: "github.com/external-secrets/external-secrets", version: "v0.20.4", folder: "config/crds/bases" },
  },
  { project: "GKE secret synchronization", groups: ["secret-sync.gke.io"], own: "test/real/crds" },
  { project: "GKE Ingress", groups: ["networking.gke.io", "cloud.google.com"], own: "test/real/crds" },
  {
    project: "NACK (JetStream)",
    groups: ["jetstream.nats.io"],
    module: { path: "github.com/nats-io/nack", version: "v0.23.0", folder: "deploy" },
  },
];
