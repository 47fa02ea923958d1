import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { parseStackFile, type StackSettings } from "../../../stacks/config/stack-file";
import type { ImpactReport } from "../../../preview/impact";
import { EDITS } from "./corpus";

/** An edit of a shipped stack file, and what is expected of it. */
export interface Edit {
  stack: "kind" | "gke";
  /** What the stack file says instead; undefined takes a key out. `noetl:workerPools[0].image` is a path. */
  set: Readonly<Record<string, unknown>>;
  /** `IMPACT KIND NAME` of each resource, the gravest first; of an impact that is not alone, the others with a plus. */
  impact: readonly string[];
}

const ROOT = join(__dirname, "..", "..", "..");

/** The edits of one stack. */
export function editsOf(stack: Edit["stack"]): Edit[] {
  return EDITS.filter((edit) => edit.stack === stack);
}

/** The settings of a shipped stack file after an edit. */
export function edited({ stack, set }: Pick<Edit, "stack" | "set">): StackSettings {
  const file = join(ROOT, `Pulumi.${stack}.yaml`);
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [path, value] of Object.entries(set)) {
    const [section = "", ...steps] = path.match(/[^.[\]]+/g) ?? [];
    const keys = ["config", section, ...steps.map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
    if (value === undefined) document.deleteIn(keys);
    else document.setIn(keys, document.createNode(value));
  }
  return parseStackFile(document.toString(), file);
}

/** What an edit's report says, in the form of {@link Edit.impact}. */
export function impactLines({ resources }: ImpactReport): string[] {
  return resources.map(({ kind, name, effects }) => {
    const impacts = [...new Set(effects.map(({ impact }) => impact))];
    return `${impacts.join("+")} ${kind} ${name}`;
  });
}

/** What an edit is called in the output of tests. */
export function titleOf({ stack, set }: Edit): string {
  const keys = Object.entries(set).map(
    ([path, value]) => `${path} = ${value === undefined ? "(taken out)" : JSON.stringify(value)}`,
  );
  return `${stack}: ${keys.join(", ")}`;
}
