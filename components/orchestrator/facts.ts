import type { Namespace } from "../kubernetes/namespaces";
import type { ResourceAmounts } from "../kubernetes/resources";

/** Name of the workload, Service, ServiceAccount, Secret and roles in a platform. */
export const ORCHESTRATOR = "noetl-orchestrator";

/** An entry of the file of tokens, as `noetl-ops orchestrator token` prints it. */
export interface HashedToken {
  /** Whose it is; stands in the history of what they do. */
  name: string;
  role: "viewer" | "operator" | "approver" | "admin";
  /** Hash of the token, 64 hexadecimal digits: of 256 random bits, so that nobody can guess what it is of. */
  sha256: string;
}

/** An OpenID provider whose tokens are taken, too. */
export interface OidcProvider {
  /** URL, letter by letter as its tokens say it. */
  issuer: string;
  /** Whom its tokens must be made for. */
  audience: string;
  /** Claim with the roles. Default: `roles`, else `groups`. */
  rolesClaim?: string | undefined;
  /** What values of that claim stand for. Default: they are the names of roles. */
  roles: readonly { value: string; role: HashedToken["role"] }[];
  /** Claim that names a person. Default: `sub`. */
  nameClaim?: string | undefined;
}

/** Variable of a pod whose value stands in a Secret. */
export interface CredentialVariable {
  variable: string;
  secret: string;
  key: string;
}

/**
 * What its account may do in the cluster. `platform`: what an update of the platform's own objects needs, in the
 * platform's namespaces. `clusterAdmin`: everything, as charts with CRDs and cluster roles need it.
 */
export type Rights = "platform" | "clusterAdmin";

/** What it needs to update stacks by Pulumi. */
export interface PulumiFacts {
  /** Where the state is: `https://api.pulumi.com`, `gs://BUCKET`, `file:///data/state`. */
  backend: string;
  /** Whether stacks are encrypted by a passphrase; otherwise a key service does it. */
  passphrase: boolean;
  rights: Rights;
  /** Google service account that its pods are, for a backend in Cloud Storage and stacks with resources of Google. */
  googleAccount?: string | undefined;
  /** Credentials of other backends and clouds. */
  variables: readonly CredentialVariable[];
}

/** A SurrealDB server that keeps the tasks, so that several orchestrators share them. */
export interface SurrealdbFacts {
  /** `ws://` or `wss://`, host and port. */
  url: string;
  namespace: string;
  database: string;
  /** Who it is there; the password stands in the Secret. */
  username: string;
  /** CAs that the server's certificate is checked by, PEM. Default: public ones. */
  ca?: string | undefined;
}

/** What an orchestrator's pod is made from. */
export interface OrchestratorFacts {
  name: string;
  namespace: Namespace;
  /** Image of the repository's Dockerfile, with the stack files in it. */
  image: string;
  /** Port of the API, which asks everybody for a token. */
  port: number;
  /** Port of probes and metrics, which asks nobody; only scrapers reach it. */
  statusPort: number;
  /** Pods. More than one need `surrealdb`. */
  replicas: number;
  /** Where tasks and logs are kept. Default: on a volume, which one pod writes. */
  surrealdb?: SurrealdbFacts | undefined;
  /** Size of that volume. */
  storage: string;
  storageClass: string;
  /** Stacks that may be worked on, `*` for any letters; none means all. */
  allowStacks: readonly string[];
  /** Tasks that run at once. */
  concurrency: number;
  /** Seconds that tasks may run on once the pod is told to stop. */
  drain: number;
  /** Requests a second of each token. Default: no limit. */
  rate?: number | undefined;
  tokens: readonly HashedToken[];
  oidc?: OidcProvider | undefined;
  /** Updates by Pulumi. Default: none, it only previews. */
  pulumi?: PulumiFacts | undefined;
  /** Context of the kubeconfig that the stack deploys to. */
  context: string;
  resources: ResourceAmounts;
}

/** Whether a backend is Pulumi Cloud or one like it, which asks for an access token. */
export function isService({ backend }: Pick<PulumiFacts, "backend">): boolean {
  return backend.startsWith("https://");
}
