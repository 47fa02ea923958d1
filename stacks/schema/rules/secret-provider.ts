import { SECRET_NAMES } from "../../../components/secrets/catalog";
import { parseManagerPath } from "../../../components/secrets/manager-path";
import { WAY_FACTS, waysThatGive } from "../../../components/secrets/ways";
import type { PlatformConfig } from "..";
import { rule, when, withFirst, type RuleProblem } from "./rule";

type ProviderConfig = PlatformConfig["secretProvider"];

/** Whether the values are only in the provider's store, so that the program neither has nor makes them. */
export function keptElsewhere(provider: ProviderConfig): boolean {
  return provider.kind === "vault" || (provider.kind === "gcp" && !provider.create);
}

export const projectOfSecrets = rule(
  "`secretProvider.kind: gcp` needs `gcp`",
  ["secretProvider", "gcp"],
  ({ secretProvider, gcp }) =>
    when(secretProvider.kind === "gcp" && gcp === undefined, {
      path: ["secretProvider", "kind"],
      message: "needs a project, and the file has no noetl:gcp",
      allowed: '"kubernetes" or "vault", unless noetl:gcp names project and region',
      next: "add noetl:gcp with project and region",
    }),
);

export const givesSecretKeyRefs = rule(
  "`secretProvider.by` makes Kubernetes Secrets, which the platform's pods read by secretKeyRef",
  ["secretProvider"],
  ({ secretProvider }) => {
    if (secretProvider.kind !== "gcp") return [];
    const { title, gives } = WAY_FACTS[secretProvider.by];
    const able = waysThatGive(["secretKeyRef"]);
    return when(!gives.includes("secretKeyRef"), {
      path: ["secretProvider", "by"],
      message: `${title} gives ${gives.join(", ")} and makes no Secret, but server, workers and database read theirs by secretKeyRef`,
      allowed: able.join(", "),
      next: "write by: secretSync",
    });
  },
);

export const syncsOnGke = rule(
  "`secretProvider.by: secretSync` needs GKE: the profile `gke`",
  ["secretProvider", "profile"],
  ({ secretProvider, profile }) =>
    when(secretProvider.kind === "gcp" && secretProvider.by === "secretSync" && profile !== "gke", {
      path: ["secretProvider", "by"],
      message: `only GKE makes Secrets of a SecretSync, and a cluster of profile ${profile} has none of its kinds`,
      allowed: "csi or externalSecrets, unless the profile is gke",
      next: "write by: externalSecrets, and install the External Secrets Operator",
      see: ["profile"],
    }),
);

export const distinctEntries = rule(
  "each entry of `secretProvider.entries` has a name of its own",
  ["secretProvider"],
  ({ secretProvider }) => {
    if (secretProvider.kind !== "gcp") return [];
    const items = secretProvider.entries.map(({ name }, index) => ({ name, index }));
    return withFirst(items, ({ name }) => name).map(([{ name, index }, first]) => ({
      path: ["secretProvider", "entries", index, "name"],
      message: `"${name}" is there already`,
      allowed: "each name once",
      see: ["secretProvider", "entries", first.index, "name"],
    }));
  },
);

/** What writes a value writes it under its own name; and one SecretStore knows one project. */
export const entriesWhereTheyCanBe = rule(
  "`secretProvider.entries` is for values that exist; with `by: externalSecrets` they are in the project of `gcp`",
  ["secretProvider", "gcp"],
  ({ secretProvider, gcp }) => {
    if (secretProvider.kind !== "gcp") return [];
    const { create, by, entries } = secretProvider;
    return entries.flatMap(({ path }, index): RuleProblem[] => {
      const { project } = parseManagerPath(path);
      const at = ["secretProvider", "entries", index, "path"] as const;
      return [
        ...when(create, {
          path: at,
          message: "is of no use with create: true, which writes each value under its own name",
          allowed: "no entries, or create: false",
        }),
        ...when(by === "externalSecrets" && gcp !== undefined && project !== gcp.project, {
          path: at,
          message: `is in project ${project}, and the External Secrets Operator looks in ${gcp?.project ?? ""} only`,
          allowed: `a path in project ${gcp?.project ?? ""}, or by: secretSync or csi`,
        }),
      ];
    });
  },
);

export const vaultOfSecrets = rule(
  "`secretProvider.kind: vault` needs `server.keychain.vault`, with an address that other pods reach",
  ["secretProvider", "server"],
  ({ secretProvider, server: { keychain } }) => {
    if (secretProvider.kind !== "vault") return [];
    const address = keychain.vault?.address;
    if (address === undefined) {
      return [
        {
          path: ["secretProvider", "kind"],
          message: "needs to know which Vault: the file has no server.keychain.vault",
          allowed: '"kubernetes" or "gcp", unless server.keychain.vault is set',
          next: "set server.keychain.vault.address",
        },
      ];
    }
    return when(isLoopback(hostOf(address)), {
      path: ["server", "keychain", "vault", "address"],
      message: "is the pod itself, but the External Secrets Operator reads the platform's values in a pod of its own",
      allowed: "an address that all pods reach, such as http://vault.vault.svc:8200",
      see: ["secretProvider", "kind"],
    });
  },
);

export const encryptedVault = rule(
  "`server.keychain.vault.address` is https, unless the name is one of the cluster or of the pod itself",
  ["server"],
  ({ server: { keychain } }) => {
    const address = keychain.vault?.address;
    if (address === undefined || !address.startsWith("http://") || isInside(hostOf(address))) return [];
    return [
      {
        path: ["server", "keychain", "vault", "address"],
        message: `http to ${hostOf(address)} would carry token and secrets in plain text over networks that are not the cluster's`,
        allowed:
          "https://…, or http:// to a Service of the cluster (NAME.NAMESPACE.svc) or to the pod itself (127.0.0.1)",
        next: `write ${address.replace("http:", "https:")}, and server.keychain.vault.caFile when its CA is your own`,
      },
    ];
  },
);

function hostOf(url: string): string {
  return /^https?:\/\/(\[[^\]]*\]|[^/:]+)/.exec(url)?.[1]?.toLowerCase() ?? "";
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Names that only the cluster's DNS answers: a Service, of the same namespace or of another. */
function isInside(host: string): boolean {
  return isLoopback(host) || /^[a-z0-9-]*[a-z-][a-z0-9-]*$/.test(host) || /\.svc(\.cluster\.local)?$/.test(host);
}

/** What the platform's Secrets are made of; anything else of `secrets` reaches no store. */
const OF_THE_STORE: readonly string[] = [
  ...SECRET_NAMES,
  "databaseUrl",
  "shardDsns",
  "vaultToken",
  "kubernetesToken",
  "pulumiPassphrase",
  "pulumiAccessToken",
  "surrealdbPassword",
];

export const givenValuesAreUsed = rule(
  "`secrets` holds no values when `secretProvider` has them",
  ["secretProvider", "secrets"],
  ({ secretProvider, secrets }) => {
    if (!keptElsewhere(secretProvider)) return [];
    const given = Object.entries<unknown>(secrets).filter(
      ([name, value]) => value !== undefined && OF_THE_STORE.includes(name),
    );
    return given.map(([name]) => ({
      path: ["secrets", name],
      message: `is of no use: the values are in the store of secretProvider.kind ${secretProvider.kind}, and the program reads none`,
      allowed: 'no values, unless secretProvider.kind is "kubernetes", or "gcp" with create: true',
      next: `put the value there, and run: pulumi config rm --path 'noetl:secrets.${name}'`,
    }));
  },
);
