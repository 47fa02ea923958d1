import type { SecretName } from "../../components/secrets/catalog";
import type { PlatformConfig } from "../../stacks/schema";
import type { SecretState, Source } from "./inventory";

/** What a rotation does, in the order in which it happens. */
export interface Impact {
  /** What to do before `pulumi up`. */
  before: string[];
  /** What `pulumi up` then does, and what is away meanwhile. */
  then: string[];
  /** What to do while it runs, or afterwards. */
  after: string[];
}

const NATS_RELOADS =
  "NATS reads the new file within about two minutes (kubelet's refresh, then the reloader) and disconnects whoever logged in with the old password";

const NATS_ROLLS =
  "server, gateway and system pool restart meanwhile; their new pods wait until NATS takes the new password, so for these minutes no new command is sent. Commands that run end first; those that wait stay in their stream";

/** What replacing a secret means; each as the platform does it, not as a plan of what one might do. */
const EFFECTS: Record<SecretName, (config: PlatformConfig) => Omit<Impact, "before"> & { before?: string[] }> = {
  encryptionKey: () => ({
    then: [
      "the server restarts; from then on it opens only what is sealed under the new key",
      "a credential that was not sealed anew answers 500, until the old key is back",
    ],
    after: ["ask for a credential: noetl-ops tells nothing about them, the API does (GET /api/credentials)"],
  }),
  internalApiToken: () => ({
    then: [
      "server and system pool restart; between the two, the pool's calls of /api/internal answer 401 and are tried again",
      "playbooks stand still between two steps for that time, usually under a minute",
    ],
    after: [],
  }),
  postgresPassword: ({ postgres }) => ({
    then: ["the schema Job runs again, and waits until PostgreSQL takes the new password"],
    after:
      postgres.mode === "inCluster"
        ? [
            `while pulumi up waits for the Job, let PostgreSQL have the password (it reads the Secret only on an empty volume): kubectl exec -n postgres postgres-0 -it -- psql -U ${postgres.adminUser} -d postgres -c '\\password'`,
          ]
        : ["set the same password on the instance before the Job gives up (10 attempts)"],
  }),
  noetlPassword: () => ({
    then: [
      "the schema Job runs again and sets the password of the role",
      "the server restarts; its new pods wait until they can log in. Connections that are open stay open, so the old pods go on until they are replaced",
    ],
    after: [],
  }),
  natsPassword: () => ({
    then: [NATS_RELOADS, NATS_ROLLS],
    after: ["what you run beside the platform with this user needs the new password, too"],
  }),
  natsSystemPassword: () => ({
    then: [`${NATS_RELOADS}; nothing of the platform uses this user`],
    after: [],
  }),
  natsClusterPassword: () => ({
    then: [
      "each server of NATS reloads by itself within about two minutes; routes that are open stay open, so nothing is away unless a server restarts in between",
    ],
    after: ["noetl-ops nats status"],
  }),
  natsUsers: () => ({
    then: [NATS_RELOADS],
    after: ["hand the new passwords to those who use these accounts"],
  }),
  natsSupercluster: () => ({
    then: [
      "every cluster gets a new file of passwords; gateways and leaf nodes take it with the next restart only, one server at a time",
      "until all have it, links between a cluster with the new and one with the old password do not come back once they break",
    ],
    after: ["restart the clusters one after the other: kubectl rollout restart -n nats-supercluster statefulset"],
  }),
};

const FIRST: Record<Source, (name: SecretName) => string[]> = {
  generated: () => [],
  given: (name) => [`set the new value: pulumi config set --secret --path 'noetl:secrets.${name}'`],
  store: () => ["put the new value into the store, in each entry that holds it, and wait until the Secrets have it"],
};

/** What replacing this secret does, and what there is to do before and after. */
export function impactOf({ name, source }: Pick<SecretState, "name" | "source">, config: PlatformConfig): Impact {
  const { before = [], then, after } = EFFECTS[name](config);
  return { before: [...FIRST[source](name), ...before], then, after };
}

/** How to come to a new encryption key without losing what is sealed under the old one. */
export const REENCRYPTION: readonly string[] = [
  "make the new key (openssl rand -base64 32), and keep the old one: kubectl get secret -n noetl noetl-secret -o jsonpath='{.data.NOETL_ENCRYPTION_KEY}' | base64 -d",
  "stop whatever writes: scale server and worker pools to 0, and dump the database",
  "open every sealed row of noetl.credential and noetl.keychain with the old key, seal it with the new one, all in one transaction (AES-256-GCM, a new nonce each)",
  "pulumi config set --secret --path 'noetl:secrets.encryptionKey', with the new key; and noetl:secrets.protect: false where the old one was generated",
  "run this command again with --yes-i-reencrypted, then pulumi up; then protect: true again",
  "destroy the old key only when nothing, no backup either, is sealed under it",
];
