import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { createBody, runBody } from "../../orchestrator/environments/schema";
import { HIDDEN } from "../../orchestrator/redact";
import { masked, secret, secretsIn } from "../../orchestrator/secret-fields";

describe("fields that a schema marks as secret", () => {
  const schema = z.strictObject({
    plain: z.string(),
    token: secret(z.string()).optional(),
    env: z.record(z.string(), secret(z.string())).default({}),
    parts: z.array(z.union([z.strictObject({ is: z.literal("a"), key: secret(z.string()) }), z.string()])),
    whole: secret(z.object({ user: z.string(), ports: z.array(z.number()) })).nullable(),
  });
  const value = {
    plain: "shown",
    token: "one",
    env: { A: "two" },
    parts: [{ is: "a", key: "three" }, "b"],
    whole: { user: "four", ports: [1] },
  };

  test("are masked, and nothing else is", () => {
    expect(masked(schema, value)).toEqual({
      plain: "shown",
      token: HIDDEN,
      env: { A: HIDDEN },
      parts: [{ is: "a", key: HIDDEN }, "b"],
      whole: { user: HIDDEN, ports: [HIDDEN] },
    });
    expect(masked(schema, { plain: "shown", whole: null, more: 1 })).toEqual({ plain: "shown", whole: null, more: 1 });
  });

  test("are found", () => {
    expect(secretsIn(schema, value)).toEqual(["one", "two", "three", "four"]);
    expect(secretsIn(schema, { plain: "shown" })).toEqual([]);
  });

  test("are the variables of a test environment, wherever they stand, and the script of a run", () => {
    const nodes = [{ name: "cp-01", taskservs: ["etcd"], env: { A: "of a node" } }];
    expect(secretsIn(createBody, { config: { type: "cluster_topology", topology: { nodes } } })).toEqual(["of a node"]);
    expect(secretsIn(createBody, { config: { type: "single_taskserv", taskserv: "x", env: { A: "of it" } } })).toEqual([
      "of it",
    ]);
    expect(secretsIn(runBody, { script: "psql postgres://…", node: "cp-01" })).toEqual(["psql postgres://…"]);
  });
});
