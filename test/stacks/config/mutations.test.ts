import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { ConfigError, type ConfigProblem } from "../../../stacks/config/problem";
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

const RUNS = 2000;

/** What must hold of a mutation that is still a valid configuration. */
function expectUsable({ stack, config }: StackSettings): void {
  expect(stack).toBe("kind");
  expect(Object.keys(config)).toEqual(["profile", "cluster", "nats", "postgres", "server", "workerPools", "secrets"]);
}

/** What every message must be: about a place, in words, with what is allowed, and free of our internals. */
function expectClear({ problems, message }: ConfigError): void {
  const isClear = ({ path, message: told, allowed = "", line = 1, column = 1 }: ConfigProblem) =>
    /\S/.test(path) && /\w \w/.test(told) && /\w/.test(allowed) && line > 0 && column > 0;
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.filter((problem) => !isClear(problem))).toEqual([]);
  expect(message).not.toMatch(/\[object|undefined|\bNaN\b|Infinity|Invalid input|zod|\n\s+at /);
}

describe("any mutation of a valid stack file", () => {
  test("given the file as it is, when read, then it is valid", () => {
    expectUsable(parseStackFile(textOf(VALID), FILE));
  });

  test(`given ${RUNS} mutations, when read, then each is a configuration or clear problems, and nothing else`, () => {
    let valid = 0;
    const outcome = (text: string): void => {
      let settings: StackSettings;
      try {
        settings = parseStackFile(text, FILE);
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        expectClear(error);
        return;
      }
      valid++;
      expectUsable(settings);
    };
    fc.assert(fc.property(mutations(VALID), outcome), { numRuns: RUNS });
    // Otherwise the mutations would test one half only.
    expect(valid).toBeGreaterThan(RUNS / 50);
    expect(valid).toBeLessThan(RUNS / 2);
  });
});
