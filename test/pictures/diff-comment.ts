/**
 * Draws docs/images/diff-comment.png anew: `npm run picture:comment`. It needs chromium, and npm's registry for what turns
 * Markdown into a page and for GitHub's style sheet.
 *
 * The comment is what `noetl-ops diff` makes of an edit of the kind stack that is committed in a clone, as the workflow
 * does it.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { browserImpossible, Pages } from "../real/graph/browser";

const ROOT = join(__dirname, "..", "..");
const PICTURE = join(ROOT, "docs", "images", "diff-comment.png");
const READERS = { marked: "18.2.1", "github-markdown-css": "5.9.0" };

/** One that loses data, and two that restart pods. */
const EDITS: Readonly<Record<string, string | number>> = {
  "nats.jetstream.memory": "512Mi",
  "postgres.maxConnections": 250,
  "server.rustLog": "debug",
};

async function main(): Promise<void> {
  const impossible = browserImpossible();
  if (impossible !== undefined) throw new Error(impossible);
  const folder = mkdtempSync(join(tmpdir(), "noetl-picture-"));
  try {
    const page = pageOf(comment(join(folder, "clone")), join(folder, "readers"));
    const pages = await Pages.start();
    try {
      const opened = await pages.open(page);
      await opened.page.setViewportSize({ width: 916, height: 900 });
      await opened.page.locator("summary").first().click();
      await opened.page.locator("body").screenshot({ path: PICTURE });
    } finally {
      await pages.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the workflow would post about the edits. */
function comment(clone: string): string {
  const git = (...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Ann", "-c", "user.email=ann@example.com", ...args], { encoding: "utf8" });
  git("clone", "--quiet", "--shared", ROOT, clone);
  symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
  const file = join(clone, "Pulumi.kind.yaml");
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [key, value] of Object.entries(EDITS)) {
    const [section, ...path] = key.split(".");
    document.setIn(["config", `noetl:${section ?? ""}`, ...path], value);
  }
  writeFileSync(file, document.toString());
  git("-C", clone, "commit", "--quiet", "--no-verify", "--all", "--message", "Smaller NATS, more connections");
  const diff = ["diff", "HEAD^1", "HEAD", "--stack", "kind", "--format", "markdown"];
  return execFileSync(process.execPath, [join(clone, "cli", "bin.cjs"), ...diff], { cwd: clone, encoding: "utf8" });
}

/** The comment as GitHub shows it. */
function pageOf(markdown: string, folder: string): string {
  const packages = Object.entries(READERS).map(([name, version]) => `${name}@${version}`);
  execFileSync("npm", ["install", "--silent", "--no-save", "--prefix", folder, ...packages], { stdio: "inherit" });
  const modules = join(folder, "node_modules");
  const read = [join(modules, "marked", "bin", "marked.js"), "--gfm"];
  const html = execFileSync(process.execPath, read, { input: markdown, encoding: "utf8" });
  const style = readFileSync(join(modules, "github-markdown-css", "github-markdown-light.css"), "utf8");
  return `<!doctype html><meta charset="utf-8"><style>${style}
body { margin: 0; padding: 16px; }
header { font: 14px sans-serif; padding: 8px 16px; color: #59636e; background: #f6f8fa; border-bottom: 1px solid #d1d9e0; }
header b { color: #1f2328; }
.box { border: 1px solid #d1d9e0; border-radius: 6px; overflow: hidden; }
.markdown-body { padding: 16px; }
</style><div class="box"><header><b>github-actions</b> bot commented</header>
<article class="markdown-body">${coloured(html)}</article></div>`;
}

/** GitHub's colours in blocks of differences, which no style sheet gives by itself. */
function coloured(html: string): string {
  const classes: Readonly<Record<string, string>> = { "+": "pl-mi1", "-": "pl-md", "#": "pl-c" };
  return html.replace(
    /(<code class="language-diff">)([^]*?)(<\/code>)/g,
    (_, start: string, text: string, end: string) => {
      const lines = text.split("\n").map((line) => {
        const name = classes[line.charAt(0)];
        return name === undefined ? line : `<span class="${name}">${line}</span>`;
      });
      return `${start}${lines.join("\n")}${end}`;
    },
  );
}

void main();
