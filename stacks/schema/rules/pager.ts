import { rule, when, type RuleProblem } from "./rule";

const KEYS = { pagerDuty: "pagerDutyRoutingKey", slack: "slackWebhookUrl" } as const;

/** Who is paged, and by which key. */
export const pagerKeys = rule(
  "`pager.pagerDuty` needs `secrets.pagerDutyRoutingKey`, and `pager.slack` needs `secrets.slackWebhookUrl`",
  ["pager", "secrets"],
  ({ pager, secrets }) =>
    (["pagerDuty", "slack"] as const).flatMap((way): RuleProblem[] => {
      const key = KEYS[way];
      const set = `run: pulumi config set --secret --path 'noetl:secrets.${key}'`;
      return [
        ...when(pager[way] !== undefined && secrets[key] === undefined, {
          path: ["secrets", key],
          message: `is missing: pager.${way} has nothing to call with`,
          allowed: "an encrypted value, as `secure: …`",
          next: set,
          see: ["pager", way],
        }),
        ...when(pager[way] === undefined && secrets[key] !== undefined, {
          path: ["secrets", key],
          message: `is of no use without pager.${way}`,
          allowed: `no ${key}, unless pager.${way} is set`,
          next: `set noetl:pager.${way}, or run: pulumi config rm --path 'noetl:secrets.${key}'`,
        }),
      ];
    }),
);
