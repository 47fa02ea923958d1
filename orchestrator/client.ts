import { UserError } from "../stacks/errors";
import type { paths } from "./api-types";

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

type Method = "get" | "post" | "delete";
/** Addresses, as the document has them: `/tasks/{id}`. */
type Path<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Parameters<O, K extends string> = O extends { parameters: Record<K, infer T> } ? T : undefined;
type Optional<O, K extends string> = O extends { parameters: Partial<Record<K, infer T>> } ? T : never;
type Body<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { "application/json": infer B } } }
    ? { body?: B }
    : object;
type Json<R> = R extends { content: { "application/json": infer J } } ? J : never;

/** What one request says: all of the document's parameters, by where they stand. */
export type Asking<P extends Path<M>, M extends Method> = (Parameters<Operation<P, M>, "path"> extends object
  ? { path: Parameters<Operation<P, M>, "path"> }
  : object) & {
  query?: Optional<Operation<P, M>, "query">;
  header?: Optional<Operation<P, M>, "header">;
} & Body<Operation<P, M>>;

/** What `data` of the answer is. */
export type Data<P extends Path<M>, M extends Method = "get"> =
  Operation<P, M> extends { responses: infer R }
    ? Extract<Json<R[Extract<keyof R, 200 | 201 | 202>]>, { data: unknown }>["data"]
    : never;

/** Arguments of a request: none where nothing need be said. */
type Said<P extends Path<M>, M extends Method> = object extends Asking<P, M> ? [Asking<P, M>?] : [Asking<P, M>];

export type TaskView = Data<"/tasks/{id}">;
export type ScheduleView = Data<"/schedules/{id}">;
export type QueueView = Data<"/queue">;
export type MigrationView = NonNullable<Data<"/storage/migration">>;
/** What an environment shall be. */
export type EnvironmentConfig = Asking<"/test/environments/create", "post">["body"]["config"];
export type EnvironmentView = Data<"/test/environments">[number];
export type EnvironmentDetails = Data<"/test/environments/{id}">;

/** Milliseconds between two attempts to reach a service that was lost while watching. */
const AGAIN_MS = 1000;
const ATTEMPTS = 30;

/** A service's API. */
export class Client {
  constructor(private readonly endpoint: Endpoint) {}

  /** @throws UserError when nothing answers, or the request is refused */
  async get<P extends Path<"get">>(path: P, ...[asking]: Said<P, "get">): Promise<Answered<Data<P>>> {
    return this.json("GET", path, asking);
  }

  /** @throws UserError as `get` */
  async post<P extends Path<"post">>(path: P, ...[asking]: Said<P, "post">): Promise<Answered<Data<P, "post">>> {
    return this.json("POST", path, asking);
  }

  /** @throws UserError as `get` */
  async delete<P extends Path<"delete">>(
    path: P,
    ...[asking]: Said<P, "delete">
  ): Promise<Answered<Data<P, "delete">>> {
    return this.json("DELETE", path, asking);
  }

  /** Objects of an answer that has one a line. @throws UserError as `get` */
  async *objects<T, P extends Path<"get">>(path: P, asking: Asking<P, "get">): AsyncGenerator<T> {
    const response = await this.ask("GET", addressOf(path, asking));
    if (!response.ok) throw await refused(response);
    for await (const line of linesOf(response)) if (line !== "") yield JSON.parse(line) as T;
  }

  /** An answer that is a file. @throws UserError as `get` */
  async bytes(path: Path<"get">): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.ask("GET", path);
    if (!response.ok) throw await refused(response);
    return (response.body ?? []) as AsyncIterable<Uint8Array>;
  }

  /** Lines of a task's log. @throws UserError as `get` */
  async *logs(id: string, follow: boolean): AsyncGenerator<{ at: string; stream: string; text: string }> {
    yield* this.objects("/tasks/{id}/logs", { path: { id }, query: { follow: follow ? "true" : "false" } });
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
        const { data } = await this.get("/tasks/{id}", { path: { id } });
        if (!["Pending", "Running"].includes(data.status)) return;
      } catch (error) {
        // Unreachable from the beginning is a mistake; afterwards it may come back.
        if (attempt >= ATTEMPTS || (last === undefined && attempt === 0) || isRefusal(error)) throw error;
      }
      onLost();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  private async json<T>(method: string, path: string, asking: Anything = {}): Promise<Answered<T>> {
    const response = await this.ask(method, addressOf(path, asking), asking.body, headersOf(asking));
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

/** A request, where its types no longer matter. */
interface Anything {
  path?: unknown;
  query?: unknown;
  header?: unknown;
  body?: unknown;
}

/** An address with its parameters. */
function addressOf(path: string, { path: names, query }: Anything): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(wordsOf(names)[name]?.[0] ?? ""));
  const search = Object.entries(wordsOf(query)).flatMap(([name, words]) =>
    words.map((word): [string, string] => [name, word]),
  );
  return search.length === 0 ? filled : `${filled}?${new URLSearchParams(search).toString()}`;
}

function headersOf({ header }: Anything): Record<string, string> {
  return Object.fromEntries(Object.entries(wordsOf(header)).map(([name, words]) => [name, words.join(", ")]));
}

/** What is given, as text; what is left out is left out. */
function wordsOf(given: unknown): Record<string, string[]> {
  const entries = Object.entries((given ?? {}) as Record<string, unknown>);
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().map(String)]])),
  );
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
