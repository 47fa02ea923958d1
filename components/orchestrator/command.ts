import type { OrchestratorFacts } from "./facts";

/** Folder of the volume. */
export const DATA = "/data";
/** What it cannot do without stands in files beside each other: tokens, and the way to the cluster. */
export const CONFIG_FOLDER = "/etc/noetl-orchestrator";
export const TOKENS_FILE = "tokens.yaml";
export const KUBECONFIG_FILE = "kubeconfig";

/** Arguments of `noetl-ops`. */
export function serveArguments(facts: OrchestratorFacts): string[] {
  const { port, statusPort, concurrency, drain, rate, allowStacks, tokens, oidc, pulumi } = facts;
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
  ];
}

/** With `=`, so that a value that begins with a dash is no option. */
function option(name: string, value: string | number | undefined): string[] {
  return value === undefined ? [] : [`--${name}=${value}`];
}
