import { UserError } from "../stacks/errors";
import type { TaskView } from "./api/task-view";

/** Where a service is, and as whom to ask it. */
export interface Endpoint {
  /** As `http://127.0.0.1:8080`. */
  url: string;
  token?: string | undefined;
}

/** What a service answers. */
export interface Answered<T> {
  success: boolean;
  data: T;
  error: { code: string; message: string; path?: string | null } | null;
  cursor?: string | null;
}

/** Milliseconds between two attempts to reach a service that was lost while watching. */
const AGAIN_MS = 1000;
const ATTEMPTS = 30;

/** A service's API. */
export class Client {
  constructor(private readonly endpoint: Endpoint) {}

  /** @throws UserError when nothing answers, or the request is refused */
  async get<T>(path: string): Promise<Answered<T>> {
    return this.json<T>("GET", path);
  }

  /** @throws UserError as `get` */
  async post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answered<T>> {
    return this.json<T>("POST", path, body, headers);
  }

  /** @throws UserError as `get` */
  async delete<T>(path: string): Promise<Answered<T>> {
    return this.json<T>("DELETE", path);
  }

  /** Objects of an answer that has one a line. @throws UserError as `get` */
  async *objects<T>(path: string): AsyncGenerator<T> {
    const response = await this.ask("GET", path);
    if (!response.ok) throw await refused(response);
    for await (const line of linesOf(response)) if (line !== "") yield JSON.parse(line) as T;
  }

  /** An answer that is a file. @throws UserError as `get` */
  async bytes(path: string): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.ask("GET", path);
    if (!response.ok) throw await refused(response);
    return (response.body ?? []) as AsyncIterable<Uint8Array>;
  }

  /** Lines of a task's log. @throws UserError as `get` */
  async *logs(id: string, follow: boolean): AsyncGenerator<{ at: string; stream: string; text: string }> {
    const response = await this.ask("GET", `/tasks/${encodeURIComponent(id)}/logs?follow=${follow}`);
    if (!response.ok) throw await refused(response);
    for await (const line of linesOf(response)) if (line !== "") yield JSON.parse(line) as never;
  }

  /**
   * What happens to a task until it has ended, from its beginning; a service that is started anew in between goes on.
   *
   * @param onLost Is called when the service is gone, before it is asked again.
   * @throws UserError when it does not come back
   */
  async *watch(id: string, onLost: () => void): AsyncGenerator<{ event: string; data: Record<string, unknown> }> {
    let last: string | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        const headers: Record<string, string> = last === undefined ? {} : { "last-event-id": last };
        const response = await this.ask("GET", `/tasks/${encodeURIComponent(id)}/events`, undefined, headers);
        if (!response.ok) throw await refused(response);
        let event = "";
        for await (const line of linesOf(response)) {
          attempt = 0;
          if (line.startsWith("id: ")) last = line.slice(4);
          else if (line.startsWith("event: ")) event = line.slice(7);
          else if (line.startsWith("data: "))
            yield { event, data: JSON.parse(line.slice(6)) as Record<string, unknown> };
        }
        const { data } = await this.get<TaskView>(`/tasks/${encodeURIComponent(id)}`);
        if (!["Pending", "Running"].includes(data.status)) return;
      } catch (error) {
        // Unreachable from the beginning is a mistake; afterwards it may come back.
        if (attempt >= ATTEMPTS || (last === undefined && attempt === 0) || isRefusal(error)) throw error;
      }
      onLost();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private async json<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answered<T>> {
    const response = await this.ask(method, path, body, headers);
    // A workflow that was waited for and has failed is an answer.
    if (!response.ok) throw await refused(response);
    return (await response.json()) as Answered<T>;
  }

  private async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { url, token } = this.endpoint;
    try {
      return await fetch(new URL(path, url), {
        method,
        headers: {
          ...headers,
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...(body !== undefined && { "content-type": "application/json" }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const { cause = error } = error as Error;
      const { code, message } = cause as { code?: string; message: string };
      throw new UserError(
        `no orchestrator answers at ${url}: ${code ?? message}; start one with noetl-ops orchestrator serve, or name another with --url`,
      );
    }
  }
}

/** A service's refusal, as a mistake of the user's. */
class Refused extends UserError {}

function isRefusal(error: unknown): boolean {
  return error instanceof Refused;
}

async function refused(response: Response): Promise<Refused> {
  try {
    const { error } = (await response.json()) as Answered<unknown>;
    const where = error?.path === null || error?.path === undefined ? "" : ` (${error.path})`;
    return new Refused(`${error?.message ?? "refused"}${where} [${error?.code ?? response.status}]`);
  } catch {
    return new Refused(`what answers is no orchestrator: status ${response.status}`);
  }
}

async function* linesOf({ body }: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
