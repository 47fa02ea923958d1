import type { OrchestratorFacts, SurrealdbFacts } from "./facts";

/** Folder of the volume; with SurrealDB there is only what Pulumi needs while it runs. */
export const DATA = "/data";
/** What it cannot do without stands in files beside each other: tokens, and the way to the cluster. */
export const CONFIG_FOLDER = "/etc/noetl-orchestrator";
export const TOKENS_FILE = "tokens.yaml";
export const KUBECONFIG_FILE = "kubeconfig";
export const SURREALDB_CA_FILE = "surrealdb-ca.pem";
/** Folder with the password of SurrealDB in a file. */
export const SURREALDB_FOLDER = "/etc/noetl-surrealdb";
export const PASSWORD_FILE = "password";
/** Variable with the pod's own address, by which other nodes reach it. */
export const POD_IP = "POD_IP";

/** Arguments of `noetl-ops`. */
export function serveArguments(facts: OrchestratorFacts): string[] {
  const { port, statusPort, concurrency, drain, rate, allowStacks, tokens, oidc, pulumi, surrealdb } = facts;
  return [
    ...["orchestrator", "serve", "--host", "0.0.0.0"],
    ...option("port", port),
    ...option("status-port", statusPort),
    // The volume's own root may hold lost+found.
    ...option("data-dir", `${DATA}/orchestrator`),
    ...option("engine", pulumi ? "pulumi" : "offline"),
    ...option("concurrency", concurrency),
    ...option("drain", drain),
    ...option("rate", rate),
    ...allowStacks.flatMap((pattern) => option("allow-stack", pattern)),
    ...(tokens.length > 0 ? option("tokens", `${CONFIG_FOLDER}/${TOKENS_FILE}`) : []),
    ...(oidc
      ? [
          ...option("oidc-issuer", oidc.issuer),
          ...option("oidc-audience", oidc.audience),
          ...option("oidc-roles-claim", oidc.rolesClaim),
          ...oidc.roles.flatMap(({ value, role }) => option("oidc-role", `${value}=${role}`)),
          ...option("oidc-name-claim", oidc.nameClaim),
        ]
      : []),
    ...(surrealdb ? surrealdbArguments(surrealdb, port) : []),
  ];
}

function surrealdbArguments({ url, namespace, database, username, ca }: SurrealdbFacts, port: number): string[] {
  return [
    ...option("storage", "surrealdb-server"),
    ...option("surrealdb-url", url),
    ...option("surrealdb-namespace", namespace),
    ...option("surrealdb-database", database),
    ...option("surrealdb-username", username),
    ...option("surrealdb-password-file", `${SURREALDB_FOLDER}/${PASSWORD_FILE}`),
    ...(ca === undefined ? [] : option("surrealdb-ca", `${CONFIG_FOLDER}/${SURREALDB_CA_FILE}`)),
    ...option("advertise-url", `http://$(${POD_IP}):${port}`),
  ];
}

/** With `=`, so that a value that begins with a dash is no option. */
function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}
