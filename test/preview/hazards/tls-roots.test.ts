import { describe, expect, test } from "@jest/globals";
import type { ResourceGraph } from "../../../preview/graph";
import { hazardsBetween, hazardsSince } from "../../../preview/hazards";
import { renderedFiles } from "../../../preview/manifests";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { stackText } from "../../stacks/config/support";

type Mode = "builtIn" | "certManager";

const renders = new Map<string, Promise<ResourceGraph>>();

/** What a stack with certificates renders to; each once, since many steps share a side. */
function render(mode: Mode | "off", generation = 1, trusted: number[] = [1], more = "noetl:server: { tls: mutual }") {
  const tls = {
    builtIn: {
      mode,
      ca: { generation, trusted: trusted.map((one) => ({ generation: one, issuedOn: "2026-11-21" })) },
      leaves: { issuedOn: "2026-11-21" },
    },
    certManager: { mode, ca: { generation, trusted } },
    off: { mode },
  };
  const text = `${mode === "off" ? "" : more}\nnoetl:tls: ${JSON.stringify(tls[mode])}`;
  const known = renders.get(text) ?? renderStack(parseStackFile(stackText(text), "Pulumi.test.yaml"));
  renders.set(text, known);
  return known;
}

type Step = [generation: number, trusted: number[]];

const DROPPED = ["tls-root-dropped", "generation 1, which certificates are still signed by, is no longer trusted"];
const UNKNOWN = ["tls-root-unknown", "generation 2 is to sign, and peers do not trust it yet"];
const FIRST = "the step between is noetl:tls.ca.generation: 1 with generations 1 and 2 in noetl:tls.ca.trusted";
const SECOND = "the step between is noetl:tls.ca.generation: 2 with generations 1 and 2 in noetl:tls.ca.trusted";

describe("changes of roots that part peers", () => {
  test.each<[string, Step, Step, string[][]]>([
    ["the first step", [1, [1]], [1, [1, 2]], []],
    ["the second step", [1, [1, 2]], [2, [1, 2]], []],
    ["the third step", [2, [1, 2]], [2, [2]], []],
    ["all three at once", [1, [1]], [2, [2]], [[...DROPPED, FIRST]]],
    ["the last two at once", [1, [1, 2]], [2, [2]], [[...DROPPED, SECOND]]],
    ["the first two at once", [1, [1]], [2, [1, 2]], [[...UNKNOWN, FIRST]]],
  ])(
    "given %s, when compared, then an error names the step between, or there is none",
    async (_, was, is, expected) => {
      for (const mode of ["builtIn", "certManager"] as const) {
        const [before, after] = [await render(mode, ...was), await render(mode, ...is)];
        // As the command does: the former side comes from files.
        const found = await hazardsSince(renderedFiles(before), after);
        expect(found.map(({ rule, message, fix }) => [rule, message.split(": ")[0], fix.split("; or ")[0]])).toEqual(
          expected,
        );
      }
    },
  );

  test("given an error, when shown, then it tells why, and all steps", async () => {
    const [found, ...others] = hazardsBetween(await render("builtIn", 1, [1]), await render("builtIn", 2, [2]));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      severity: "error",
      resource: expect.stringMatching(/::tls-generation-2$/) as unknown,
      message: expect.stringContaining("while pods restart one after another") as unknown,
    });
    expect(found?.steps).toHaveLength(3);
  });

  test("given another authority, or certificates that begin or end, when compared, then it is no roll", async () => {
    // One after another: the recorder knows one program at a time.
    const sides = [await render("builtIn"), await render("certManager", 2, [2]), await render("off")];
    const rules = sides.flatMap((before) => sides.flatMap((after) => hazardsBetween(before, after)));
    expect(rules.filter(({ rule }) => rule.startsWith("tls-root-"))).toEqual([]);
  });

  test("given roots that nothing is signed by, when they change, then nobody is parted", async () => {
    const [before, after] = [await render("builtIn", 1, [1], ""), await render("builtIn", 2, [2], "")];
    expect(hazardsBetween(before, after)).toEqual([]);
  });
});
