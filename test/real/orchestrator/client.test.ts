import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ROOT } from "../../cli/support";

test("the client's types are those of the API's document: npm run client makes them", () => {
  const args = ["--import", "tsx", join(ROOT, "test", "orchestrator", "client", "generate.ts"), "--print"];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", cwd: ROOT, maxBuffer: 1e7 });

  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toBe(readFileSync(join(ROOT, "orchestrator", "api-types.ts"), "utf8"));
});
