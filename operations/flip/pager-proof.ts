import { z } from "zod";
import { alertmanagerConfig, FLIP_LABELS, RECEIVERS } from "../../components/monitoring/alertmanager";
import { fingerprint } from "../../components/kubernetes/fingerprint";
import type { Edit } from "../../stacks/config/edit";
import { UserError } from "../../stacks/errors";
import type { PlatformConfig } from "../../stacks/schema";
import { request } from "../monitoring/http";
import { ApiProblem } from "../monitoring/problem";
import type { Condition } from "./conditions";

/** Days that a proof counts: people change teams, and keys end. */
const PROOF_DAYS = 7;
const DAY = 24 * 3600 * 1000;

const PROVE = "run: noetl-ops flip publish-only --prove-pager --alertmanager-url URL --by NAME";

/** Changes with every receiver and every branch of the routing tree, and with no key. */
export function routingOf({ pager }: Pick<PlatformConfig, "pager">): string {
  const { pagerDuty, slack, ...times } = pager;
  return fingerprint(
    JSON.stringify(
      alertmanagerConfig({
        ...times,
        ...(pagerDuty && { pagerDuty: { ...pagerDuty, routingKey: "" } }),
        ...(slack && { slack: { ...slack, webhookUrl: "" } }),
      }),
    ),
  );
}

/** Whether the pager has been proven: lately, and as it is now. */
export function proofCondition(config: PlatformConfig, now: Date): Condition {
  const head = { id: "pager", title: "a page has reached somebody" };
  const { pagerDuty, slack, proof } = config.pager;
  if (pagerDuty === undefined && slack === undefined) {
    return {
      ...head,
      state: "fail",
      evidence: "alerts reach nobody",
      next: "set noetl:pager.pagerDuty or noetl:pager.slack",
    };
  }
  if (!proof) return { ...head, state: "unknown", evidence: "nobody has tried", next: PROVE };
  const age = now.getTime() - Date.parse(proof.at);
  const told = `${proof.by} answered the page at ${proof.at}`;
  if (age < 0) return { ...head, state: "unknown", evidence: `${told}, which is yet to come`, next: PROVE };
  if (age > PROOF_DAYS * DAY)
    return { ...head, state: "unknown", evidence: `${told}, over ${PROOF_DAYS} days ago`, next: PROVE };
  if (proof.config !== routingOf(config)) {
    return { ...head, state: "unknown", evidence: `${told}, before noetl:pager was changed`, next: PROVE };
  }
  return { ...head, state: "pass", evidence: told };
}

/** The proof as it stands in the stack file. */
export function proofEdits(config: PlatformConfig, { at, by }: { at: Date; by: string }): Edit[] {
  const values = {
    at: at.toISOString().replace(/\.\d+Z$/, "Z"),
    by,
    receiver: RECEIVERS.flip,
    config: routingOf(config),
  };
  return Object.entries(values).map(([key, value]) => ({ kind: "set", path: ["noetl:pager", "proof", key], value }));
}

const alertsAnswer = z.array(
  z.object({
    labels: z.record(z.string(), z.string()),
    receivers: z.array(z.object({ name: z.string() })),
    status: z.object({ state: z.string(), silencedBy: z.array(z.string()), inhibitedBy: z.array(z.string()) }),
  }),
);

/** A page that is under way. */
export interface TestPage {
  /** Tells this page from others; label `proof` of the alert. */
  id: string;
  /** What the reader of the page must say: it stands in the page and nowhere else. */
  code: string;
}

/** The API of an Alertmanager, as far as a proof takes it. */
export class AlertmanagerApi {
  constructor(private readonly url: string) {}

  /** Raises an alert with the labels that the flip's alerts have. @throws ApiProblem */
  async raise({ id, code }: TestPage, from: Date, until: Date): Promise<void> {
    const alert = {
      labels: { alertname: "NoetlPagerProof", ...FLIP_LABELS, component: "materializer", proof: id },
      annotations: {
        summary: `A test of the pager: the code is ${code}`,
        description: "Nothing is wrong. Tell the code to whoever runs noetl-ops flip publish-only --prove-pager.",
      },
      startsAt: from.toISOString(),
      endsAt: until.toISOString(),
    };
    await this.ask("/api/v2/alerts", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify([alert]),
    });
  }

  /**
   * Makes sure that the page goes to the flip's receiver.
   *
   * @throws UserError when the Alertmanager sends it elsewhere, or keeps it to itself
   */
  async assertRouted({ id }: TestPage): Promise<void> {
    const text = await this.ask(`/api/v2/alerts?filter=${encodeURIComponent(`proof="${id}"`)}`);
    const [found] = alertsAnswer.parse(JSON.parse(text));
    if (!found) throw new UserError("the Alertmanager took the alert and does not have it\nnext: look at its log");
    const names = found.receivers.map(({ name }) => name);
    if (!names.includes(RECEIVERS.flip)) {
      throw new UserError(
        `the Alertmanager sends the flip's alerts to ${names.join(", ")}, not to ${RECEIVERS.flip}\n` +
          "next: it does not have this stack's configuration; run pulumi up, and wait until it has read the Secret",
      );
    }
    if (found.status.silencedBy.length > 0) {
      throw new UserError("a silence keeps the page back\nnext: end the silence in the Alertmanager");
    }
    if (found.status.inhibitedBy.length > 0) throw new UserError("another alert inhibits the page");
  }

  private async ask(path: string, init?: RequestInit): Promise<string> {
    try {
      return await request(`${this.url.replace(/\/+$/, "")}${path}`, {}, init);
    } catch (error) {
      if (error instanceof ApiProblem) throw new UserError(`no proof: ${error.message}\nnext: ${error.next}`);
      throw error;
    }
  }
}
