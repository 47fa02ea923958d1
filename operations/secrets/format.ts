import { differenceLines, hunks } from "../../preview/line-difference";
import type { Style } from "../../preview/style";
import type { SecretState } from "./inventory";
import type { Rotation } from "./rotate";

/** All secrets: what each is, and who reads it. */
export function formatInventory(secrets: readonly SecretState[], paint: Style): string {
  return secrets
    .map(({ name, title, form, source, rotations, places, readers }) => {
      const times = rotations === 0 ? "never replaced" : `replaced ${rotations}×`;
      const width = Math.max(...readers.map(({ effect }) => effect.length), 0);
      return [
        `${paint.bold(name)}  ${title}`,
        `  ${source}, ${form}, ${times}`,
        ...places.map(({ namespace, secret, key }) => `  in ${namespace}/${secret}: ${key}`),
        ...readers.map(({ workload, effect }) => `  ${effect.padEnd(width)}  ${workload}`),
      ].join("\n");
    })
    .map((block) => `${block}\n`)
    .join("\n");
}

/** What a rotation does, and how the stack file changes. */
export function formatRotation({ secret, impact, before, after }: Rotation, paint: Style): string {
  const numbered = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [paint.bold(title), ...lines.map((line, index) => `  ${index + 1}. ${line}`)];
  const changed = hunks(differenceLines(before, after), 2).map((line) => {
    if (line === undefined) return paint.dim("  …");
    const text = `  ${line.sign} ${line.text}`.trimEnd();
    return line.sign === "+" ? paint.green(text) : line.sign === "-" ? paint.red(text) : text;
  });
  return `${[
    formatInventory([secret], paint).trimEnd(),
    "",
    ...numbered("before pulumi up", impact.before),
    ...numbered("pulumi up", impact.then),
    ...numbered("after", impact.after),
    paint.bold("stack file"),
    ...changed,
  ].join("\n")}\n`;
}
