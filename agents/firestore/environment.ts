import { z } from "zod";
import { isLoopback, type HttpSettings } from "./http";
import type { Severity } from "./log";

/** What the agent is started with. */
export interface Settings {
  /** Google Cloud project of the database. */
  project: string;
  database: string;
  /** `HOST:PORT` of an emulator, which needs no credentials. Default: the real Firestore. */
  emulator: string | undefined;
  http: HttpSettings;
  logLevel: Severity;
}

/** Settings that the agent cannot start with. */
export class WrongSettings extends Error {}

const VARIABLES = z
  .object({
    GOOGLE_CLOUD_PROJECT: z.string().min(1, "must name a Google Cloud project"),
    FIRESTORE_DATABASE: z.string().min(1).default("(default)"),
    FIRESTORE_EMULATOR_HOST: z
      .string()
      .regex(/^[^\s/]+:\d+$/, "must be HOST:PORT")
      .optional(),
    MCP_HOST: z.string().min(1).default("127.0.0.1"),
    MCP_PORT: z.coerce.number("must be a port").int("must be a port").min(0).max(65535).default(8780),
    MCP_TOKEN: z.string().min(1, "must not be empty").optional(),
    MCP_TOKEN_FILE: z.string().min(1, "must not be empty").optional(),
    LOG_LEVEL: z.enum(["DEBUG", "INFO", "WARNING", "ERROR"], "must be DEBUG, INFO, WARNING or ERROR").default("INFO"),
  })
  .superRefine(({ MCP_TOKEN, MCP_TOKEN_FILE, MCP_HOST }, context) => {
    const problem = (path: string, message: string) => {
      context.addIssue({ code: "custom", path: [path], message });
    };
    if (MCP_TOKEN !== undefined && MCP_TOKEN_FILE !== undefined)
      problem("MCP_TOKEN", "is given by MCP_TOKEN_FILE already");
    if (MCP_TOKEN === undefined && MCP_TOKEN_FILE === undefined && !isLoopback(MCP_HOST))
      problem("MCP_HOST", `without MCP_TOKEN_FILE or MCP_TOKEN must be a loopback address, not ${MCP_HOST}`);
  });

/**
 * The settings, of the environment's variables.
 *
 * @throws WrongSettings with all problems at once, without values of secrets.
 */
export function readSettings(variables: Readonly<Record<string, string | undefined>>): Settings {
  const result = VARIABLES.safeParse(variables);
  if (!result.success) {
    throw new WrongSettings(
      result.error.issues
        .map(({ path, code, message }) => {
          const name = String(path[0]);
          return `${name} ${code === "invalid_type" && variables[name] === undefined ? "is missing" : message}`;
        })
        .join("\n"),
    );
  }
  const { data } = result;
  return {
    project: data.GOOGLE_CLOUD_PROJECT,
    database: data.FIRESTORE_DATABASE,
    emulator: data.FIRESTORE_EMULATOR_HOST,
    http: { host: data.MCP_HOST, port: data.MCP_PORT, token: tokenOf(data.MCP_TOKEN, data.MCP_TOKEN_FILE) },
    logLevel: data.LOG_LEVEL,
  };
}

function tokenOf(value: string | undefined, file: string | undefined): HttpSettings["token"] {
  if (file !== undefined) return { file };
  return value === undefined ? undefined : { value };
}

/** The environment of this process; the only place that reads it. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}
