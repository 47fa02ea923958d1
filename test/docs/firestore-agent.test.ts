import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Agent } from "../../agents/firestore/server";
import { TOOLS } from "../../agents/firestore/tools";
import { Emulator } from "../agents/firestore/emulator";
import { ROOT } from "../cli/support";

/** A call that the page shows, and what is at least in its answer. */
interface Example {
  tool: string;
  arguments: Record<string, unknown>;
  answer: Record<string, unknown>;
}

const PAGE = readFileSync(join(ROOT, "docs", "firestore-agent.md"), "utf8");
const EXAMPLES = [...PAGE.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text]) => JSON.parse(text ?? "") as Example);

let emulator: Emulator;
let agent: Agent;

beforeAll(async () => {
  emulator = await Emulator.start();
  agent = new Agent(emulator.client("docs"), () => undefined);
});

afterAll(() => emulator.stop());

test("docs/firestore-agent.md lists every tool", () => {
  const listed = [...PAGE.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  expect(listed.filter((name) => name?.includes("_") && !/[A-Z]/.test(name)).sort()).toEqual(
    TOOLS.map(({ name }) => name).sort(),
  );
});

test.each(EXAMPLES)("docs/firestore-agent.md, $tool", async ({ tool, arguments: args, answer }) => {
  expect((await agent.call(tool, args)).structuredContent).toMatchObject(answer);
});
