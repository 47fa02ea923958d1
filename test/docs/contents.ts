import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../../cli/main";

const ROOT = join(__dirname, "..", "..");
/** The page that leads to all others. */
export const FILE = join(ROOT, "docs", "README.md");

/** Names of all component classes, sorted. */
export function componentClasses(): string[] {
  return readdirSync(join(ROOT, "components"), { encoding: "utf8", recursive: true })
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [
      ...readFileSync(join(ROOT, "components", file), "utf8").matchAll(
        /^export class (\w+) extends (?:pulumi\.)?ComponentResource/gm,
      ),
    ])
    .map(([, name = ""]) => name)
    .sort();
}

/** Pages of a folder below docs/: name of the file and text. */
export function pagesIn(folder: string): { name: string; text: string }[] {
  return readdirSync(join(ROOT, "docs", folder))
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => ({ name, text: readFileSync(join(ROOT, "docs", folder, name), "utf8") }));
}

/** The page with its generated parts made anew: what stands between `<!-- NAME -->` and `<!-- /NAME -->`. */
export function contents(page: string): string {
  return Object.entries({ commands, components }).reduce(
    (text, [name, rows]) =>
      text.replace(
        new RegExp(`(<!-- ${name}: .* -->\n)[^]*(<!-- /${name} -->)`),
        (_, begin: string, end: string) => `${begin}\n${rows().join("\n")}\n\n${end}`,
      ),
    page,
  );
}

function commands(): string[] {
  return program().commands.map(
    (command) => `- [\`noetl-ops ${command.name()}\`](commands/${command.name()}.md): ${command.description()}`,
  );
}

/** Each page with the classes that it is about and that have none of their own. */
function components(): string[] {
  const pages = pagesIn("components").map((page) => ({
    ...page,
    title: /^# (.*)$/m.exec(page.text)?.[1] ?? page.name,
  }));
  const classes = componentClasses().filter((one) => !pages.some(({ title }) => title === one));
  return pages.map(({ name, text, title }) => {
    const others = classes.filter((one) => new RegExp(`\\bnew ${one}\\(|\`${one}\``).test(text));
    const list = others.length === 0 ? "" : `: ${others.map((one) => `\`${one}\``).join(", ")}`;
    return `- [${title}](components/${name})${list}`;
  });
}

if (require.main === module) writeFileSync(FILE, contents(readFileSync(FILE, "utf8")));
