import { ConfigError, type ConfigProblem } from "../../../stacks/config/problem";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { platformSchema, type PlatformConfig } from "../../../stacks/schema";

/** The file that texts of these tests are said to stand in. */
export const FILE = "Pulumi.kind.yaml";

/** The required keys, as lines 2 to 4 of a stack file. */
const REQUIRED = {
  profile: "noetl:profile: kind",
  cluster: "noetl:cluster: { context: kind-noetl }",
  postgres: "noetl:postgres: { mode: inCluster }",
};

/**
 * A stack file: `config:`, the required keys, then the given lines, the first of them on line 5.
 *
 * @param replaced Lines in place of required ones.
 */
export function stackText(lines: string, replaced: Partial<typeof REQUIRED> = {}): string {
  const all = [...Object.values({ ...REQUIRED, ...replaced }), ...lines.split("\n")];
  return `config:\n${all.map((line) => `  ${line}\n`).join("")}`;
}

/** What reading a text gives. */
export function configOf(text: string): PlatformConfig {
  return parseStackFile(text, FILE).config;
}

/** The problems of a text; none when it can be read. */
export function problemsOf(text: string): ConfigProblem[] {
  return problemsIn(() => parseStackFile(text, FILE));
}

/** The problems that a function throws; any other error passes. */
export function problemsIn(read: () => unknown): ConfigProblem[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.problems];
    throw error;
  }
}

/** An expected problem: `at` is `line:column`. */
export function problem(
  at: string,
  path: string,
  message: string,
  rest: Pick<ConfigProblem, "allowed" | "suggestion" | "next"> = {},
): ConfigProblem {
  const [line = 0, column = 0] = at.split(":").map(Number);
  return { path, line, column, message, ...rest };
}

/** The sentences about what is allowed that many messages share. */
export const ALLOWED = {
  size: "a size in whole bytes such as 512Mi or 5Gi, more than 0 and at most 64Ti",
  cpu: "CPU such as 250m, 2 or 1.5, in steps of 1m, more than 0 and at most 1024 cores",
  name: "1 to 52 lower-case letters, digits and '-', beginning with a letter, not ending with '-'",
  nats: "image, replicas, probes, spread, storage, jetstream, accounts, tls, exporter, maxPayload, nodePorts, extra, resources",
  secret: "an encrypted value, as `secure: …`",
  topLevel: "config, encryptionsalt, secretsprovider, encryptedkey, environment",
  keys: Object.keys(platformSchema.shape)
    .map((key) => `noetl:${key}`)
    .join(", "),
};

/** A worker pool as one line of a list. */
export function pool(name: string, more = ""): string {
  return `  - { name: ${name}, poolName: ${name}, consumer: ${name}, filterSubject: noetl.commands.${name}.>${more} }`;
}
