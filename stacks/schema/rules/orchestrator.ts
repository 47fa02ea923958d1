import { isService } from "../../../components/orchestrator/facts";
import { withinLimits } from "./resources";
import { rule, when, withFirst, type RuleProblem } from "./rule";
import { keptElsewhere } from "./secret-provider";

export const orchestratorAsksWho = rule(
  "`orchestrator` has `tokens` or `oidc`: whoever reaches it must say who they are",
  ["orchestrator"],
  ({ orchestrator }) =>
    when(orchestrator?.tokens.length === 0 && orchestrator.oidc === undefined, {
      path: ["orchestrator"],
      message: "has neither tokens nor oidc, so that nobody may ask it",
      allowed: "tokens, oidc or both",
      next: "run noetl-ops orchestrator token --name NAME --role admin, and put the entry it prints under tokens",
    }),
);

export const distinctTokens = rule(
  "each entry of `orchestrator.tokens` has a hash of its own",
  ["orchestrator"],
  ({ orchestrator }) => {
    const items = (orchestrator?.tokens ?? []).map(({ sha256 }, index) => ({ sha256, index }));
    return withFirst(items, ({ sha256 }) => sha256).map(([{ index }, first]) => ({
      path: ["orchestrator", "tokens", index, "sha256"],
      message: `is the hash of orchestrator.tokens[${first.index}]: one token would be two people`,
      allowed: "a token of its own",
      see: ["orchestrator", "tokens", first.index, "sha256"],
    }));
  },
);

export const orchestratorPorts = rule(
  "`orchestrator.port` and `orchestrator.statusPort` are two",
  ["orchestrator"],
  ({ orchestrator }) =>
    when(orchestrator !== undefined && orchestrator.port === orchestrator.statusPort, {
      path: ["orchestrator", "statusPort"],
      message: `${orchestrator?.statusPort ?? ""} is the port of the API already`,
      allowed: "another port than orchestrator.port",
      see: ["orchestrator", "port"],
    }),
);

export const orchestratorResources = rule(
  "what a container requests is at most its limit",
  ["orchestrator"],
  ({ orchestrator }) => (orchestrator ? withinLimits(["orchestrator"], orchestrator.resources) : []),
);

export const orchestratorReplicas = rule(
  "`orchestrator.replicas` above 1 needs `orchestrator.surrealdb`",
  ["orchestrator"],
  ({ orchestrator }) =>
    when(orchestrator !== undefined && orchestrator.replicas > 1 && !orchestrator.surrealdb, {
      path: ["orchestrator", "replicas"],
      message: `${orchestrator?.replicas ?? ""} pods cannot share the folder of the tasks on a volume, which one pod writes: only surrealdb-server is for several`,
      allowed: "1, unless orchestrator.surrealdb is given",
      next: "write noetl:orchestrator.surrealdb with url and username of a SurrealDB server: docs/components/orchestrator.md",
    }),
);

export const orchestratorState = rule(
  "`orchestrator.pulumi.backend` is no folder with `orchestrator.surrealdb`, which has no volume",
  ["orchestrator"],
  ({ orchestrator }) =>
    when(orchestrator?.surrealdb !== undefined && orchestrator.pulumi?.backend.startsWith("file:") === true, {
      path: ["orchestrator", "pulumi", "backend"],
      message:
        "is a folder of the pod, and with orchestrator.surrealdb it has no volume: the state would go with the pod",
      allowed: "https://…, gs://BUCKET, s3://BUCKET or azblob://CONTAINER, unless there is no orchestrator.surrealdb",
      see: ["orchestrator", "surrealdb"],
    }),
);

type SecretOfIt = "pulumiPassphrase" | "pulumiAccessToken" | "surrealdbPassword";

/** What reads each, what cannot be done without it, and when it is read. */
const READERS: Readonly<Record<SecretOfIt, readonly [key: "pulumi" | "surrealdb", without: string, when: string]>> = {
  pulumiPassphrase: ["pulumi", "cannot open a stack", "orchestrator.pulumi.passphrase is true"],
  pulumiAccessToken: ["pulumi", "cannot open a stack", "orchestrator.pulumi.backend is https"],
  surrealdbPassword: ["surrealdb", "is not let in", "orchestrator.surrealdb is given"],
};

export const orchestratorSecrets = rule(
  "`orchestrator.pulumi` needs `secrets.pulumiPassphrase` where stacks have one, and `secrets.pulumiAccessToken` for a backend that is https; `orchestrator.surrealdb` needs `secrets.surrealdbPassword`",
  ["orchestrator", "secrets", "secretProvider"],
  ({ orchestrator, secrets, secretProvider }) => {
    const pulumi = orchestrator?.pulumi;
    const needed: Record<SecretOfIt, boolean> = {
      pulumiPassphrase: pulumi?.passphrase === true,
      pulumiAccessToken: pulumi !== undefined && isService(pulumi),
      surrealdbPassword: orchestrator?.surrealdb !== undefined,
    };
    return (Object.keys(READERS) as SecretOfIt[]).flatMap((name): RuleProblem[] => {
      const isGiven = secrets[name] !== undefined;
      const [key, without, whenRead] = READERS[name];
      return [
        ...when(needed[name] && !isGiven && !keptElsewhere(secretProvider), {
          path: ["secrets", name],
          message: `is missing: without it orchestrator.${key} ${without}`,
          allowed: "an encrypted value, as `secure: …`",
          next: `run: pulumi config set --secret --path 'noetl:secrets.${name}'`,
          see: ["orchestrator", key],
        }),
        ...when(!needed[name] && isGiven, {
          path: ["secrets", name],
          message: `is of no use: nothing of noetl:orchestrator.${key} reads it`,
          allowed: `no ${name}, unless ${whenRead}`,
          next: `run: pulumi config rm --path 'noetl:secrets.${name}'`,
        }),
      ];
    });
  },
);
