import { rule, when, type RuleProblem } from "./rule";

function setSecret(name: string): string {
  return `run: pulumi config set --secret --path 'noetl:secrets.${name}'`;
}

/** Passwords of an instance that exists already cannot be generated. */
export const externalPasswords = rule(
  "with `postgres.mode: external`, `secrets.postgresPassword` and `secrets.noetlPassword` are required",
  ["postgres", "secrets"],
  ({ postgres, secrets }) =>
    (["postgresPassword", "noetlPassword"] as const).flatMap((name): RuleProblem[] =>
      when(postgres.mode === "external" && secrets[name] === undefined, {
        path: ["secrets", name],
        message: `is missing: an external PostgreSQL has its own password for "${name === "noetlPassword" ? postgres.user : postgres.adminUser}"`,
        allowed: "an encrypted value, as `secure: …`",
        next: setSecret(name),
      }),
    ),
);

export const vaultToken = rule(
  "`secrets.vaultToken` needs `server.keychain.vault`",
  ["server", "secrets"],
  ({ server: { keychain }, secrets }) =>
    when(secrets.vaultToken !== undefined && keychain.vault === undefined, {
      path: ["secrets", "vaultToken"],
      message: "is of no use without server.keychain.vault",
      allowed: "no vaultToken, unless server.keychain.vault is set",
      next: "set server.keychain.vault.address, or run: pulumi config rm --path 'noetl:secrets.vaultToken'",
    }),
);

export const kubernetesToken = rule(
  "`secrets.kubernetesToken` needs `server.keychain.kubernetes`",
  ["server", "secrets"],
  ({ server: { keychain }, secrets }) =>
    when(secrets.kubernetesToken !== undefined && keychain.kubernetes === undefined, {
      path: ["secrets", "kubernetesToken"],
      message: "is of no use without server.keychain.kubernetes",
      allowed: "no kubernetesToken, unless server.keychain.kubernetes is set",
      next: "add server.keychain.kubernetes, or run: pulumi config rm --path 'noetl:secrets.kubernetesToken'",
    }),
);
