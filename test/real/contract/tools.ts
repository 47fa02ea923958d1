import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FlightUnreachable, fetchByFlight } from "./flight-client";
import { callApi, type ClientTls } from "./http-client";
import { objectIn, textIn, type JsonObject } from "./json";
import type { Place } from "./place";
import type { WorkerRuntime, WorkerSettings } from "./worker-settings";

const run = promisify(execFile);

/** Runs a SELECT; the worker has DuckDB in it, the tests have PostgreSQL, and the fixtures' queries are the same to both. */
export type Select = (query: string) => Promise<JsonObject[]>;

/** What a tool is run with. */
export interface ToolParts {
  place: Place;
  runtime: WorkerRuntime;
  settings: WorkerSettings;
  /** The server that has issued the command. */
  serverUrl: string;
  select: Select;
}

/** Runs the tool of a step. @returns what it found; @throws Error when it fails */
export async function runTool(kind: string, config: JsonObject, parts: ToolParts): Promise<JsonObject> {
  switch (kind) {
    case "noop":
      return {};
    case "duckdb": {
      const rows = await parts.select(String(config.query));
      return { rows, columns: columnsOf(rows[0]), row_count: rows.length };
    }
    case "shell": {
      const { stdout } = await run("sh", ["-c", String(config.command)], { env: {} });
      return { stdout };
    }
    case "result_fetch":
      // The Python worker has no such tool.
      if (parts.runtime === "rust") return fetchResult(config, parts);
  }
  throw new Error(`Unknown tool kind: ${kind}`);
}

/** Fetches what a reference names: by Flight, and by HTTP when told so or when Flight cannot be reached. */
async function fetchResult(config: JsonObject, parts: ToolParts): Promise<JsonObject> {
  const { place, settings, serverUrl } = parts;
  if (place.faults.has("fetch fails")) throw new Error("result_fetch failed");
  const ref = textIn(config.ref);
  if (ref === undefined) throw new Error("Invalid result_fetch config: no ref");
  if (config.prefer !== "http") {
    const endpoint = textIn(config.flight_endpoint) ?? serverUrl.replace(/:8082$/, ":8083");
    const token = textIn(config.bearer_token);
    const bearer = token && (settings.keychain.get(token) ?? token);
    try {
      const rows = await fetchByFlight(place, { endpoint, ref, bearer, tls: filesOf(config, place) });
      return { rows, columns: columnsOf(rows[0]), row_count: rows.length };
    } catch (error) {
      if (!(error instanceof FlightUnreachable)) throw error;
      place.log(`WARN Flight transport failed; falling back to HTTP: ${error.message}`);
    }
  }
  const url = `${serverUrl}/api/result/resolve?ref=${encodeURIComponent(ref)}`;
  const { status, body } = await callApi(place, settings.tls, { method: "GET", url });
  if (status !== 200) throw new Error(`/api/result/resolve returned ${status}`);
  return objectIn(body);
}

/** In one order, by whatever way the rows have come: the store does not keep that of their keys. */
function columnsOf(row: unknown): string[] {
  return Object.keys(objectIn(row)).sort();
}

function filesOf(config: JsonObject, { file }: Place): ClientTls {
  const text = (path: unknown): string | undefined => (typeof path === "string" ? file(path) : undefined);
  return {
    ca: text(config.tls_ca_path),
    certificate: text(config.client_cert_path),
    key: text(config.client_key_path),
  };
}
