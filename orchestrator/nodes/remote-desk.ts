import { type Asked, type Desk, type Given, type Heard, NotLeading, type Said } from "./desk";

/** Milliseconds until an answer must be there: longer than a node waits for tasks. */
const ANSWER_MS = 15_000;

/** The desk of another node, by HTTP. */
export class RemoteDesk implements Desk {
  /** @param secret of the nodes; stands in their database only. */
  constructor(
    private readonly url: string,
    private readonly secret: string,
  ) {}

  async take(asked: Asked, signal: AbortSignal): Promise<Given> {
    return (await this.ask("take", asked, signal)) as Given;
  }

  async say(said: Said, signal: AbortSignal): Promise<Heard> {
    return (await this.ask("say", said, signal)) as Heard;
  }

  private async ask(what: "take" | "say", body: unknown, signal: AbortSignal): Promise<unknown> {
    const response = await fetch(`${this.url}/nodes/${what}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${this.secret}` },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    if (response.ok) return response.json();
    throw new NotLeading(`${this.url} answers ${response.status}: ${(await response.text()).slice(0, 200)}`);
  }
}
