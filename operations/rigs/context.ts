import type { Endpoint, Reach } from "./reach";
import type { Changes } from "./changes";
import { ask, type HttpAnswer, type HttpRequest } from "./http";
import { parseMetrics, type Sample } from "./metrics";
import { describe, NoetlClient } from "./noetl";
import type { Platform } from "./platform";
import type { Evidence } from "./rig";
import { type Session, type SqlServer, withDatabase } from "./sql";
import type { Tell, Waiting } from "./wait";
import { UserError } from "../../stacks/errors";

/** What a step works with. */
export class RigContext {
  /** The API of the platform's server. */
  readonly noetl: NoetlClient;

  constructor(
    readonly platform: Platform,
    /** To look at the cluster; for every change there is {@link change}. */
    readonly reach: Reach,
    /** The only way to change anything. */
    readonly change: Changes,
    private readonly record: { evidence(evidence: Evidence): void; note(text: string): void },
  ) {
    this.noetl = new NoetlClient(reach, platform.server.endpoint);
  }

  /** Says what must be so, and what is. @param ok Default: whether both texts are the same */
  expect(
    what: string,
    expected: string | number | bigint,
    seen: string | number | bigint | undefined,
    ok?: boolean,
  ): void {
    const texts = { expected: String(expected), seen: seen === undefined ? "nothing" : String(seen) };
    this.record.evidence({ what, ...texts, ok: ok ?? texts.expected === texts.seen });
  }

  /** Says something that a reader of the report wants to know, and that is neither right nor wrong. */
  note(text: string): void {
    this.record.note(text);
  }

  /** Asks anything in the cluster over HTTP. */
  ask(endpoint: Endpoint, request: HttpRequest): Promise<HttpAnswer> {
    return ask(this.reach, endpoint, request);
  }

  /** Works with a database. */
  database<T>(server: SqlServer, database: string, work: (session: Session) => Promise<T>): Promise<T> {
    return withDatabase(this.reach, server, database, work);
  }

  /** What a pod, or a pod behind a Service, serves at /metrics. */
  async metrics(endpoint: Endpoint): Promise<Sample[]> {
    const answer = await this.ask(endpoint, { path: "/metrics" });
    if (answer.status !== 200)
      throw new UserError(`/metrics of ${endpoint.namespace}/${endpoint.name}: ${describe(answer)}`);
    return parseMetrics(answer.text);
  }

  /** Waits for something; see {@link Reach.waitFor}. */
  waitFor<T>(waiting: Waiting, look: (tell: Tell) => Promise<T | undefined>): Promise<T> {
    return this.reach.waitFor(waiting, look);
  }
}
