import { execFileSync } from "node:child_process";
import { appendFileSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The edit that is compared, where a stack has a server. */
export function edited(text: string): string {
  return text.replace(/^( *)rustLog: .*$/m, "$1rustLog: debug");
}

/**
 * A copy of the project with a history of its own: the tags `before` and `after` have stack files that differ by one edit,
 * and programs that differ from one another and from that of the working tree, so that both must be copied, bundled and
 * run. What is in the copy is what git would commit of the project.
 */
export function twoPrograms(project: string, folder: string): void {
  const git = (cwd: string, ...args: string[]): string =>
    execFileSync("git", ["-c", "user.name=Bench", "-c", "user.email=bench@example.com", ...args], {
      cwd,
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
  const listed = git(project, "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0");
  for (const file of listed.filter((name) => name !== "" && !name.startsWith("test/"))) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(project, file), join(folder, file));
  }
  // A copy, without what was bundled before.
  const modules = join(project, "node_modules");
  const isCache = (file: string): boolean => file === join(modules, ".cache");
  cpSync(modules, join(folder, "node_modules"), { recursive: true, filter: (file) => !isCache(file) });
  const commit = (tag: string): void => {
    appendFileSync(join(folder, "stacks", "versions.ts"), `// ${tag}\n`);
    git(folder, "add", "--all");
    git(folder, "commit", "--quiet", "--no-verify", "--message", tag);
    git(folder, "tag", tag);
  };
  git(folder, "init", "--quiet");
  commit("before");
  for (const name of readdirSync(folder).filter((file) => /^Pulumi\..+\.yaml$/.test(file))) {
    writeFileSync(join(folder, name), edited(readFileSync(join(folder, name), "utf8")));
  }
  commit("after");
  appendFileSync(join(folder, "stacks", "versions.ts"), "// the working tree\n");
}
