import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { platformRules } from "../../../components/monitoring/groups";
import { alertsOf, type RuleGroup } from "../../../components/monitoring/rules";
import { rulesFile } from "../../../components/monitoring/rules-file";
import { EVERYTHING, LEAST } from "../../components/monitoring/facts";
import { describeUnless } from "../stacks/requirements";
import { INCIDENTS } from "./incidents";
import { mutantsOf } from "./mutants";
import { evaluatedRules, type Incident, onlyOf, unitTest } from "./timeline";

/*
 * What promtool makes of our rules, after Google Managed Prometheus has kept each to its scope: that it reads them, and
 * that each alert fires when it shall and not a minute before, is silent for what only looks alike, and ends.
 */

/** Rules that are put through an incident. */
interface Trial {
  incident: Incident;
  groups: readonly RuleGroup[];
}

const GROUPS = platformRules(EVERYTHING);

const impossible = spawnSync("promtool", ["--version"]).error ? "no promtool (Debian package prometheus)" : undefined;

describeUnless(impossible, "promtool", () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-rules-"));
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function check(file: object) {
    const path = join(folder, "rules.yaml");
    writeFileSync(path, JSON.stringify(file));
    return promtool("check", "rules", path);
  }

  /** Puts rules through incidents; of each, what promtool says, nothing when it passes. */
  function failuresOf(trials: readonly Trial[]): string[] {
    const files = trials.map(({ incident, groups }, index) => {
      const [rules, tests] = [join(folder, `rules-${index}.yaml`), join(folder, `tests-${index}.yaml`)];
      writeFileSync(rules, JSON.stringify(evaluatedRules(onlyOf(incident.alert, groups))));
      writeFileSync(tests, JSON.stringify(unitTest(incident, GROUPS, rules)));
      return tests;
    });
    const { said } = promtool("test", "rules", ...files);
    const parts = said.split("Unit Testing:  ").slice(1);
    expect(parts.length).toBe(trials.length);
    return parts.map((part) => (/^\s*SUCCESS$/m.test(part) ? "" : part));
  }

  it.each([
    ["every part", EVERYTHING],
    ["no part that need not be", LEAST],
  ])("reads the rules of a platform with %s, as they are and as they are evaluated", (_, monitored) => {
    const groups = platformRules(monitored);
    const count = groups.flatMap(({ rules }) => rules).length;

    expect(check(rulesFile(groups))).toStrictEqual({ ok: true, said: expect.stringContaining(`${count} rules found`) });
    expect(check(evaluatedRules(groups)).ok).toBe(true);
  });

  it("has an incident for every alert", () => {
    expect(new Set(INCIDENTS.map(({ alert }) => alert))).toStrictEqual(
      new Set(alertsOf(GROUPS).map(({ alert }) => alert)),
    );
  });

  describe.each(INCIDENTS)("given the incident of $alert: $says", (incident) => {
    it("fires when it shall, not a minute before, and ends", () => {
      expect(failuresOf([{ incident, groups: GROUPS }])).toStrictEqual([""]);
    });
  });

  it("would not pass with any condition, threshold or delay changed", () => {
    const trials = mutantsOf(GROUPS).flatMap(({ alert, change, groups }) =>
      INCIDENTS.filter((incident) => incident.alert === alert).map((incident) => ({ incident, groups, change })),
    );
    const failures = failuresOf(trials);
    const nameOf = ({ incident, change }: (typeof trials)[number]): string => `${incident.alert}: ${change}`;
    const killed = new Set(trials.filter((_, index) => failures[index] !== "").map(nameOf));
    const survivors = [...new Set(trials.map(nameOf))].filter((name) => !killed.has(name));

    expect(survivors).toStrictEqual([]);
  });
});

function promtool(...args: string[]): { ok: boolean; said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", args, { encoding: "utf8", maxBuffer: 2 ** 26 });
  return { ok: status === 0, said: `${stdout}${stderr}` };
}
