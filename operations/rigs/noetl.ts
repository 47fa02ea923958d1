import type { Json } from "../../preview/graph";
import { at, type JsonObject, numberOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { ask, type HttpAnswer, type HttpRequest } from "./http";
import { parseMetrics, type Sample } from "./metrics";
import type { Endpoint, Reach } from "./reach";

/** A playbook, as the catalog takes it. */
export interface Playbook {
  /** Where it stands in the catalog: `tests/fixtures/result_fetch_validation`. */
  path: string;
  /** The document: YAML, or JSON, which is YAML too. */
  content: string;
}

/** What the server says about an execution. */
export interface ExecutionStatus {
  status: string;
  completed: boolean;
  failed: boolean;
  /** The whole answer. */
  body: JsonObject;
}

/** The API of a NoETL server. */
export class NoetlClient {
  constructor(
    private readonly reach: Reach,
    private readonly endpoint: Endpoint,
  ) {}

  /** A request as it is; every status is an answer. */
  ask(request: HttpRequest): Promise<HttpAnswer> {
    return ask(this.reach, this.endpoint, request);
  }

  /** A request that must be answered with 2xx and JSON. @throws UserError with what the server says */
  async json(request: HttpRequest): Promise<JsonObject> {
    const answer = await this.ask(request);
    if (answer.status >= 200 && answer.status < 300 && answer.json !== undefined) return objectOf(answer.json);
    throw new UserError(`${request.method ?? "GET"} ${pathOnly(request.path)}: ${describe(answer)}`);
  }

  /** Puts a playbook into the catalog, as its newest version. @throws UserError when it is rejected, with the reason */
  async register({ path, content }: Playbook): Promise<void> {
    const body = { path, content, resource_type: "Playbook" };
    const answer = await this.ask({ method: "POST", path: "/api/catalog/register", body });
    if (answer.status >= 300) throw new UserError(`playbook ${path} is rejected: ${describe(answer)}`);
  }

  /** Starts an execution. @returns its id, whose 64 bits a number does not hold */
  async execute(path: string, payload: JsonObject = {}): Promise<bigint> {
    const body = { path, payload };
    const answer = await this.ask({ method: "POST", path: "/api/execute", body });
    const id = idIn(answer.json);
    if (answer.status < 300 && id !== undefined) return id;
    throw new UserError(`playbook ${path} is not executed: ${describe(answer)}`);
  }

  /** How far an execution is. */
  async status(execution: bigint): Promise<ExecutionStatus> {
    const body = await this.json({ path: `/api/executions/${execution.toString()}/status` });
    const status = textOf(body.status) ?? "";
    const ended = /^(completed|success|finished)$/i.test(status) || body.completed === true;
    return {
      status,
      completed: ended,
      failed: /^(failed|error|cancelled)$/i.test(status) || body.failed === true,
      body,
    };
  }

  /** Waits until an execution has completed. @throws UserError when it fails, or takes too long */
  completed(execution: bigint, seconds: number): Promise<ExecutionStatus> {
    const what = `execution ${execution.toString()} to complete`;
    return this.reach.waitFor({ what, seconds }, async (tell) => {
      const found = await this.status(execution);
      tell(`status ${found.status}`);
      if (found.failed) throw new UserError(`execution ${execution.toString()} has ended with status ${found.status}`);
      return found.completed ? found : undefined;
    });
  }

  /** Which shard owns an execution, as the server says. */
  shardInfo(execution: bigint, count: number): Promise<HttpAnswer> {
    return this.ask({ path: `/api/runtime/shard-info?execution_id=${execution.toString()}&shard_count=${count}` });
  }

  /** What the server measures. */
  async metrics(): Promise<Sample[]> {
    const answer = await this.ask({ path: "/metrics" });
    if (answer.status !== 200) throw new UserError(`/metrics: ${describe(answer)}`);
    return parseMetrics(answer.text);
  }
}

/** The shard in an answer of server or gateway: the one at the top, and not the one that is configured. */
export function shardIndexIn({ status, json }: HttpAnswer): number | undefined {
  return status === 200 ? numberOf(at(json, "shard_index")) : undefined;
}

/** An answer in a few words. */
export function describe({ status, text, json }: HttpAnswer): string {
  const said = textOf(at(json, "error")) ?? textOf(at(json, "message")) ?? textOf(at(json, "detail")) ?? text.trim();
  return `HTTP ${status}${said === "" ? "" : `: ${said.slice(0, 300)}`}`;
}

function idIn(json: Json | undefined): bigint | undefined {
  const id = at(json, "execution_id") ?? at(json, "id");
  const text = typeof id === "number" ? String(id) : textOf(id);
  return text !== undefined && /^-?\d+$/.test(text) ? BigInt(text) : undefined;
}

/** A path without its query. */
function pathOnly(path: string): string {
  return path.replace(/\?.*/, "");
}
