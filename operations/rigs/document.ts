import type { Rig } from "./rig";

/** What docs/rigs.md says of each rig. */
export function rigSections(rigs: readonly Rig[]): string {
  return rigs.map(section).join("\n");
}

function section({ name, summary, proves, changes, leaves = [], settings = [] }: Rig): string {
  return [
    `## ${name}`,
    "",
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    "",
    ...proves.map((text) => `- Proves: ${text}.`),
    ...(changes.length === 0 ? ["- Changes nothing."] : changes.map((text) => `- Changes, and puts back: ${text}.`)),
    ...leaves.map((text) => `- Stays: ${text}.`),
    ...settings.map(
      (setting) =>
        `- \`--set ${setting.name}=${setting.default}\`: ${setting.description}, at most ${setting.largest}.`,
    ),
    "",
  ].join("\n");
}
