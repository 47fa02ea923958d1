import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { runChecks } from "../../../preview/checks";
import { renderStack } from "../../../preview/render";
import { ConfigError, type ConfigProblem } from "../../../stacks/config/problem";
import { PLACEHOLDER } from "../../../stacks/config/secrets";
import { parseStackFile, type StackSettings } from "../../../stacks/config/stack-file";
import { mutations, textOf, type Tree } from "./mutations";
import { FILE } from "./support";

const group = (pairs: Record<string, Tree>): Tree => ({ group: Object.entries(pairs) });
const list = (...items: Tree[]): Tree => ({ list: items });
const pool = (name: string, more: Record<string, Tree>): Tree =>
  group({ name, poolName: name, consumer: name, filterSubject: `noetl.commands.${name}.>`, ...more });

/** Has every shape that a stack file has: groups in groups, lists, a choice, a secret, an anchor with its alias. */
const VALID = group({
  config: group({
    "noetl:profile": "kind",
    "noetl:cluster": group({ context: "kind-noetl" }),
    "noetl:postgres": group({ mode: "inCluster", extraDatabases: list("demo", "lake") }),
    "noetl:nats": group({ storage: "8Gi", jetstream: group({ memory: "1Gi" }) }),
    "noetl:server": group({
      replicas: "2",
      debug: "false",
      healthApi: "published",
      keychain: group({ vault: group({ address: "http://vault:8200" }) }),
    }),
    "noetl:secrets": group({ vaultToken: group({ secure: "v1:abc" }) }),
    "noetl:workerPools": list(
      pool("a", { resources: "&r { limits: { cpu: 1 } }" }),
      pool("b", { resources: "*r", maxConcurrent: "8" }),
    ),
  }),
});

const RUNS = 400;
/** In milliseconds; a busy machine takes a multiple of the usual few seconds. */
const TIMEOUT = 300_000;

/** What must hold of a mutation that is still valid: it renders whole, secrets stay out, and checks speak plainly. */
async function expectRenders(settings: StackSettings): Promise<void> {
  const graph = await renderStack(settings);
  expect(graph.resources.length).toBeGreaterThan(20);
  expect(JSON.stringify(graph)).not.toMatch(/\[object |undefined|\bNaN\b|Calling \[toString\]/);
  expect(JSON.stringify(graph)).not.toContain(PLACEHOLDER);
  const findings = runChecks({ graph, config: settings.config });
  expect(findings.filter(({ message, fix }) => !/\w \w/.test(message) || !/\w/.test(fix))).toEqual([]);
}

/** What every message must be: about a place, in words, with what is allowed, and free of our internals. */
function expectClear({ problems, message }: ConfigError): void {
  const isClear = ({ path, message: told, allowed = "", line = 1, column = 1 }: ConfigProblem) =>
    /\S/.test(path) && /\w \w/.test(told) && /\w/.test(allowed) && line > 0 && column > 0;
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.filter((problem) => !isClear(problem))).toEqual([]);
  expect(message).not.toMatch(/\[object|undefined|\bNaN\b|Infinity|Invalid input|zod|\n\s+at /);
}

/** The settings of a text, or undefined when it has clear problems; any other error passes. */
function settingsOf(text: string): StackSettings | undefined {
  try {
    return parseStackFile(text, FILE);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expectClear(error);
    return undefined;
  }
}

describe("any mutation of a valid stack file", () => {
  test("given the file as it is, when rendered, then all is well", async () => {
    await expectRenders(parseStackFile(textOf(VALID), FILE));
  });

  test(
    `given ${RUNS} mutations, when read, then each has clear problems, or renders`,
    async () => {
      const rendered = new Set<string>();
      const mutation = async (text: string): Promise<void> => {
        const settings = settingsOf(text);
        if (!settings) return;
        const config = JSON.stringify(settings.config);
        if (!rendered.has(config)) await expectRenders(settings);
        rendered.add(config);
      };
      await fc.assert(fc.asyncProperty(mutations(VALID), mutation), { numRuns: RUNS });
      // Else the mutations would test the messages only. About twenty of them are valid; how many is chance.
      expect(rendered.size).toBeGreaterThan(1);
    },
    TIMEOUT,
  );
});
