import type { SecretsConfig } from "..";
import { PLACEHOLDER } from "../fields";
import { rule, when, type RuleProblem } from "./rule";
import { keptElsewhere } from "./secret-provider";

function setSecret(name: string): string {
  return `run: pulumi config set --secret --path 'noetl:secrets.${name}'`;
}

/** Passwords of an instance that exists already cannot be generated. */
export const externalPasswords = rule(
  "with `postgres.mode: external`, `secrets.postgresPassword` and `secrets.noetlPassword` are required, unless `secretProvider` has them",
  ["postgres", "secrets", "secretProvider"],
  ({ postgres, secrets, secretProvider }) =>
    (["postgresPassword", "noetlPassword"] as const).flatMap((name): RuleProblem[] =>
      when(postgres.mode === "external" && secrets[name] === undefined && !keptElsewhere(secretProvider), {
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

/** What a secret value must look like; told without the value. */
interface Shape {
  allowed: string;
  fits: (value: string) => boolean;
}

const ONE_LINE: Shape = { allowed: "text without line breaks", fits: (value) => !/[\r\n\0]/.test(value) };

/** nats-server takes such text for a hash of another password, and no quoting prevents it. */
const isBcrypt = (value: string) => /^\$2[abxy]\$\d\d\$/.test(value);

const NATS_PASSWORD: Shape = {
  allowed: "text without line breaks that is no bcrypt hash",
  fits: (value) => ONE_LINE.fits(value) && !isBcrypt(value),
};

/** Secrets that are one text; lists have rules of their own. */
type SecretName = Exclude<keyof SecretsConfig, "shardDsns" | "natsUsers" | "rotations" | "protect">;

const SHAPES: Partial<Record<SecretName, Shape>> = {
  encryptionKey: {
    allowed: "base64 of 32 bytes, as `openssl rand -base64 32` makes it",
    fits: (value) => /^[A-Za-z0-9+/]{43}=$/.test(value),
  },
  internalApiToken: ONE_LINE,
  pagerDutyRoutingKey: { allowed: "letters, digits, '-' and '_'", fits: (value) => /^[\w-]+$/.test(value) },
  slackWebhookUrl: {
    allowed: "an http:// or https:// URL, as Slack shows it for an incoming webhook",
    fits: (value) => /^https?:\/\/[\x21-\x7e]+$/.test(value) && URL.canParse(value),
  },
  postgresPassword: ONE_LINE,
  noetlPassword: ONE_LINE,
  // The published server takes user and password out of its NATS URL without decoding them.
  natsPassword: { allowed: "letters, digits, '-', '.', '_' and '~'", fits: (value) => /^[\w.~-]+$/.test(value) },
  natsSystemPassword: NATS_PASSWORD,
  natsClusterPassword: NATS_PASSWORD,
};

/** Offline the values are unknown, so this speaks only during an update. */
export const secretShapes = rule(
  "each given secret has the form its reader takes: `secrets.encryptionKey` is base64 of 32 bytes, `secrets.natsPassword` needs no encoding in a URL, none has a line break",
  ["secrets"],
  ({ secrets }) => [
    ...(secrets.natsUsers ?? []).flatMap(({ password }, index) =>
      when(password !== PLACEHOLDER && !NATS_PASSWORD.fits(password), {
        path: ["secrets", "natsUsers", index, "password"],
        message: "does not have the form its reader takes",
        allowed: NATS_PASSWORD.allowed,
        next: setSecret(`natsUsers[${index}].password`),
      }),
    ),
    ...Object.entries(SHAPES).flatMap(([key, { allowed, fits }]): RuleProblem[] => {
      const name = key as SecretName;
      const value = secrets[name];
      return when(value !== undefined && value !== PLACEHOLDER && !fits(value), {
        path: ["secrets", name],
        message: "does not have the form its reader takes",
        allowed,
        next: setSecret(name),
      });
    }),
  ],
);
