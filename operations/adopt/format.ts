import type { Style } from "../../preview/style";
import type { Adoption } from "./adopt";

/** The live installation beside the program, for people. */
export function formatAdoption(found: Adoption, paint: Style): string {
  const { matched, different, leftovers, refused, missing, unknown, helmReleases, secrets } = found;
  const lines = [
    paint.bold(`${found.stack} beside the live objects of ${found.context}`),
    ...section("matched", matched, (name) => [`  ${paint.green("=")} ${name}`]),
    ...section("different, taken over in place", different, ({ name, by, changed }) => [
      `  ${paint.yellow("~")} ${name}  ${paint.dim(by)}`,
      ...changed.map((path) => `      ${path}`),
    ]),
    ...section("with parts that the program does not have, and that stay", leftovers, ({ name, kept }) => [
      `  ${paint.yellow("·")} ${name}`,
      ...kept.map((path) => `      ${path}`),
    ]),
    ...section("refused by the API server", refused, ({ name, reasons, next }) => [
      `  ${paint.red("✗")} ${name}`,
      ...reasons.map((reason) => `      ${reason}`),
      `      next: ${next}`,
    ]),
    ...section("missing, will be created", missing, (name) => [`  ${paint.cyan("+")} ${name}`]),
    ...section("live only, left alone", unknown, (name) => [`  ${paint.dim("?")} ${name}`]),
    ...section("Helm releases in these namespaces", helmReleases, (name) => [`  ${name}`]),
    ...section("secrets that need their live value first", secrets, ({ setting, from, command }) => [
      `  ${paint.red("!")} ${setting}  from ${from}`,
      `      next: ${command}`,
    ]),
  ];
  return `${lines.join("\n")}\n`;
}

function section<T>(title: string, items: readonly T[], lines: (item: T) => string[]): string[] {
  return items.length === 0 ? [] : ["", `${title}: ${items.length}`, ...items.flatMap(lines)];
}
