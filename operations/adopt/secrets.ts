import type { Manifest } from "../../preview/graph";
import { type JsonObject, objectOf, textOf } from "../../preview/json";
import type { PlatformConfig } from "../../stacks/schema";

/** A setting that must get the live value before the first update. */
export interface SecretMove {
  /** `noetl:secrets.encryptionKey`. */
  setting: string;
  /** Where the live value is. */
  from: string;
  /** Moves it without showing it; asks for it where it is in no Secret. */
  command: string;
}

type Setting = "encryptionKey" | "internalApiToken" | "postgresPassword" | "noetlPassword" | NatsSetting;
type NatsSetting = "natsPassword" | "natsSystemPassword" | "natsClusterPassword";

/** Where installations keep each value, likeliest first. */
const PLACES: Record<Setting, [secret: string, key: string][]> = {
  encryptionKey: [["noetl-secret", "NOETL_ENCRYPTION_KEY"]],
  internalApiToken: [["noetl-internal-api-token", "token"]],
  postgresPassword: [
    ["postgres-secret", "POSTGRES_PASSWORD"],
    ["noetl-secret", "POSTGRES_PASSWORD"],
  ],
  noetlPassword: [
    ["noetl-secret", "NOETL_PASSWORD"],
    ["postgres-secret", "NOETL_PASSWORD"],
  ],
  natsPassword: [["noetl-nats", "NATS_PASSWORD"]],
  natsSystemPassword: [],
  natsClusterPassword: [],
};

/**
 * Which settings would get a generated value although a live one is in use.
 *
 * @param live objects in the namespaces of the stack; of Secrets, the keys are enough
 */
export function secretMoves(
  { secrets, cluster }: PlatformConfig,
  stack: string,
  live: readonly (JsonObject & Manifest)[],
): SecretMove[] {
  const settings = (Object.keys(PLACES) as Setting[]).filter((name) => secrets[name] === undefined);
  return settings.flatMap((name): SecretMove[] => {
    const setting = `noetl:secrets.${name}`;
    const set = `pulumi config set --secret --path ${setting} --stack ${stack}`;
    for (const [secret, key] of PLACES[name]) {
      const found = live.find(
        ({ kind, metadata, data }) => kind === "Secret" && metadata.name === secret && key in objectOf(data),
      );
      if (found === undefined) continue;
      const { namespace = "" } = found.metadata;
      const get =
        `kubectl --context ${cluster.context} -n ${namespace} get secret ${secret} ` +
        `-o 'go-template={{index .data "${key}" | base64decode}}'`;
      return [{ setting, from: `Secret ${namespace}/${secret} key ${key}`, command: `${get} | ${set}` }];
    }
    const conf = live.find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "nats-config");
    if (conf === undefined || !isNamedIn(conf, name)) return [];
    return [{ setting, from: `ConfigMap ${conf.metadata.namespace ?? ""}/nats-config`, command: set }];
  });
}

/** What nats.conf says where it holds a password itself; the program's own leads to a file. */
const WRITTEN: Partial<Record<Setting, RegExp>> = {
  natsPassword: /user:\s*"?noetl"?\s*,?\s*password:/,
  natsSystemPassword: /user:\s*"?sys"?\s*,?\s*password:/,
  natsClusterPassword: /cluster\s*\{[^}]*authorization\s*\{[^}]*password:/,
};

function isNamedIn({ data }: JsonObject, name: Setting): boolean {
  const pattern = WRITTEN[name];
  return pattern !== undefined && Object.values(objectOf(data)).some((text) => pattern.test(textOf(text) ?? ""));
}
