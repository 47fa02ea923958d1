import { describe, expect, test } from "@jest/globals";
import { planEdit } from "../../../operations/settings/plan";
import { nextStep, type Stage } from "../../../operations/flip/steps";
import { impactOf } from "../../../preview/impact/report";
import { titleOf } from "../../../preview/diff/sections";
import { editStackText } from "../../../stacks/config/edit";
import { ConfigError } from "../../../stacks/config/problem";
import { configOf, FILE, stackText } from "../../stacks/config/support";

const STREAMS = "noetl:streams: { mode: declared, by: bootstrap, also: [events] }";

function text(flip: Stage, streams = STREAMS): string {
  return stackText(`noetl:server:\n  flip: "${flip}" # the flip\n${streams}`);
}

describe("the steps to publish-only", () => {
  test.each<["on" | "off", Stage, Stage | undefined, boolean]>([
    ["on", "off", "shadow", false],
    ["on", "shadow", "on", true],
    ["on", "on", undefined, false],
    ["off", "on", "shadow", false],
    ["off", "shadow", undefined, false],
    ["off", "off", undefined, false],
  ])("%s from %s goes to %s", (direction, from, to, guarded) => {
    const step = nextStep(direction, configOf(text(from)));
    expect(step && { from: step.from, to: step.to, guarded: step.guarded }).toStrictEqual(to && { from, to, guarded });
  });

  test("go one after another, there and back, and leave the rest of the file alone", () => {
    let current = text("off");
    const seen: string[] = [];
    for (const direction of ["on", "on", "off"] as const) {
      const step = nextStep(direction, configOf(current));
      current = editStackText(current, FILE, step?.edits ?? []);
      seen.push(current.replace(text("off").split('"off"')[0] ?? "", "").split("\n")[0] ?? "");
    }
    expect(seen).toStrictEqual(["shadow # the flip", '"on" # the flip', "shadow # the flip"]);
    expect(current).toBe(text("off").replace('"off"', "shadow"));
  });

  test.each<[string, string]>([
    ["that lacks the stream", "noetl:streams: { mode: declared, by: nack, also: [coherence] }"],
    ["that declares nothing", "noetl:streams: { mode: asNeeded }"],
    ["that says nothing of streams", "noetl:keda: {}"],
  ])("to shadow, in a file %s, declare it", (_, streams) => {
    const before = text("off", streams);
    const step = nextStep("on", configOf(before));
    const after = configOf(editStackText(before, FILE, step?.edits ?? []));
    expect(after.streams).toMatchObject({ mode: "declared", also: expect.arrayContaining(["events"]) as never });
  });

  test("tell which pods restart, and how their environment changes is the render's to show", async () => {
    const before = text("shadow");
    const step = nextStep("on", configOf(before));
    const planned = await planEdit(FILE, before, step?.edits ?? [], "2026-11-21");
    const told = planned.diff?.report?.resources.map((one) => [titleOf(one), impactOf(one)]);
    expect(told).toStrictEqual([
      ["Deployment noetl/noetl-server-rust", "rolling-restart"],
      ["Deployment noetl/noetl-worker-system-pool", "rolling-restart"],
    ]);
    expect(configOf(planned.text).server.flip).toBe("on");
  });

  test("refuse a file that would not hold together", async () => {
    const before = stackText("noetl:server: { shards: { count: 2, databases: perShard } }");
    const step = nextStep("on", configOf(before));
    await expect(planEdit(FILE, before, step?.edits ?? [], "2026-11-21")).rejects.toThrow(ConfigError);
  });
});
