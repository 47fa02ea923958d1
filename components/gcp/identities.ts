/**
 * Who may do what on Google Cloud, and why: what every platform on GKE grants. The Firestore agent and the secret
 * provider grant what they need themselves. docs/components/gcp.md has all of it; a test finds anything broader.
 */
export interface Grant {
  /** Service account of Google Cloud, by its id. */
  account: string;
  role: string;
  /** What the role is granted on. */
  on: "project" | "registry" | "account";
  /** ServiceAccount of Kubernetes that acts as it, for Workload Identity. */
  workload?: { namespace: string; serviceAccount: string };
  reason: string;
}

/** The account of nodes. */
export const NODES = "noetl-nodes";
/** The account of the Cloud SQL Auth Proxy, and its ServiceAccount in namespace `postgres`. */
export const CLOUD_SQL_PROXY = "noetl-cloudsql-proxy";
export const CLOUD_SQL_PROXY_WORKLOAD = { namespace: "postgres", serviceAccount: "cloudsql-proxy" };

/** The identities of nodes: made with the cluster. */
export const NODE_GRANTS: readonly Grant[] = [
  {
    account: NODES,
    role: "roles/container.defaultNodeServiceAccount",
    on: "project",
    reason: "nodes write logs and metrics, Managed Prometheus among them",
  },
  {
    account: NODES,
    role: "roles/artifactregistry.reader",
    on: "registry",
    reason: "nodes pull the platform's images",
  },
];

/** The identities of pods: made with the platform. */
export const POD_GRANTS: readonly Grant[] = [
  {
    account: CLOUD_SQL_PROXY,
    role: "roles/cloudsql.client",
    on: "project",
    reason: "the Auth Proxy beside PgBouncer and the schema Job connects to the instance",
  },
  {
    account: CLOUD_SQL_PROXY,
    role: "roles/iam.workloadIdentityUser",
    on: "account",
    workload: CLOUD_SQL_PROXY_WORKLOAD,
    reason: "the pods of that ServiceAccount act as it",
  },
];
