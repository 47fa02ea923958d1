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

export const orchestratorSecrets = rule(
  "`orchestrator.pulumi` needs `secrets.pulumiPassphrase` where stacks have one, and `secrets.pulumiAccessToken` for a backend that is https",
  ["orchestrator", "secrets", "secretProvider"],
  ({ orchestrator, secrets, secretProvider }) => {
    const pulumi = orchestrator?.pulumi;
    const needed = { pulumiPassphrase: pulumi?.passphrase === true, pulumiAccessToken: pulumi && isService(pulumi) };
    return (["pulumiPassphrase", "pulumiAccessToken"] as const).flatMap((name): RuleProblem[] => {
      const isGiven = secrets[name] !== undefined;
      return [
        ...when(needed[name] === true && !isGiven && !keptElsewhere(secretProvider), {
          path: ["secrets", name],
          message: "is missing: without it orchestrator.pulumi cannot open a stack",
          allowed: "an encrypted value, as `secure: …`",
          next: `run: pulumi config set --secret --path 'noetl:secrets.${name}'`,
          see: ["orchestrator", "pulumi"],
        }),
        ...when(needed[name] !== true && isGiven, {
          path: ["secrets", name],
          message: "is of no use: nothing of noetl:orchestrator.pulumi reads it",
          allowed: `no ${name}, unless ${name === "pulumiPassphrase" ? "orchestrator.pulumi.passphrase is true" : "orchestrator.pulumi.backend is https"}`,
          next: `run: pulumi config rm --path 'noetl:secrets.${name}'`,
        }),
      ];
    });
  },
);
