import { request, type RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node";
import type { Json } from "../../preview/graph";
import { isObject, type JsonObject, listOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { exchange, PATIENCE } from "./exchange";

/** How the API server answered. */
export interface Answer {
  status: number;
  body: JsonObject;
  /** The body as it came: logs are no JSON. */
  text: string;
}

/** What a PATCH sends. */
const PATCHES = {
  apply: "application/apply-patch+yaml",
  "strategic-merge": "application/strategic-merge-patch+json",
  merge: "application/merge-patch+json",
  "json-patch": "application/json-patch+json",
} as const;

/** Who asks may not do what was asked. */
export class RightMissing extends UserError {}

/** Requests to an API server: plain JSON, which leaves every object as the server sees it. */
export class ClusterApi {
  readonly #kinds = new Map<string, Promise<Answer>>();

  constructor(private readonly config: KubeConfig) {}

  /** @returns path of the objects of a kind; undefined when the server does not serve it */
  async pathOf(apiVersion: string, kind: string, namespace?: string): Promise<string | undefined> {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const known = this.#kinds.get(root) ?? this.send("GET", root);
    this.#kinds.set(root, known);
    const { body } = await known;
    const resource = listOf(body.resources)
      .map(objectOf)
      .find((entry) => entry.kind === kind && textOf(entry.name)?.includes("/") === false);
    if (resource === undefined) return undefined;
    const scope = resource.namespaced === true && namespace !== undefined ? `/namespaces/${namespace}` : "";
    return `${root}${scope}/${textOf(resource.name) ?? ""}`;
  }

  /** @throws UserError when the server does not answer, or refuses who asks */
  async send(
    method: "GET" | "PATCH" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: Json,
    patch: keyof typeof PATCHES = "apply",
  ): Promise<Answer> {
    const server = this.config.getCurrentCluster()?.server ?? "";
    const options: RequestOptions = { method, timeout: PATIENCE, headers: {} };
    let answer: Answer;
    try {
      await this.config.applyToHTTPSOptions(options);
      if (body !== undefined)
        options.headers = {
          ...(options.headers as object),
          "Content-Type": method === "PATCH" ? PATCHES[patch] : "application/json",
        };
      const { status, text } = await exchange(
        (respond) => request(new URL(server + path), options, respond),
        body === undefined ? undefined : JSON.stringify(body),
      );
      answer = { status, body: jsonOf(text), text };
    } catch (error) {
      const reason = error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : String(error);
      throw new UserError(
        `the API server ${server} does not answer: ${reason}\nnext: kubectl --context ${this.config.currentContext} version`,
      );
    }
    if (answer.status === 401)
      throw new UserError(`the API server ${server} does not accept the credentials of the kubeconfig`);
    if (answer.status === 403) throw new RightMissing(`a right is missing: ${textOf(answer.body.message) ?? path}`);
    return answer;
  }
}

function jsonOf(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    return { message: text };
  }
}
