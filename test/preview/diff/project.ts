import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Settings of a stack of a small project: what its one ConfigMap holds. */
export type Settings = Record<string, unknown>;

/**
 * A program that renders a stack file as one ConfigMap for each of its keys. `throws` makes it throw; `VERSION` is part
 * of what it makes.
 */
export const PROGRAM = `
const fs = require("node:fs");
const path = require("node:path");
exports.load = () => ({
  loadPlatform: async (file) => {
    const { config } = JSON.parse(fs.readFileSync(file, "utf8"));
    if (config.throws) throw new Error("no such thing\\n    at somewhere");
    const stack = path.basename(file).split(".")[1];
    const resources = Object.entries(config).map(([key, value]) => ({
      urn: \`urn:pulumi:\${stack}::noetl::kubernetes:core/v1:ConfigMap::\${key}\`,
      type: "kubernetes:core/v1:ConfigMap",
      name: key,
      dependencies: [],
      custom: true,
      protect: false,
      retainOnDelete: false,
      inputs: {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: key, namespace: "noetl" },
        data: { value: JSON.stringify(value), version: "VERSION" },
      },
    }));
    return { graph: { project: "noetl", stack, resources }, config: { waivers: [] } };
  },
});
`;

/** The committed render of a ConfigMap. */
export function rendered(stack: string, name: string, value: string): string {
  return `# urn:pulumi:${stack}::noetl::kubernetes:core/v1:ConfigMap::${name}
apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: noetl
data:
  value: "${value}"
  version: VERSION
`;
}

/** A project with a history, in a folder of its own. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), "noetl-project-"));
  /** Where copies of its programs are kept. */
  readonly cache = join(this.folder, ".git", "cache");

  constructor() {
    this.git("init", "--quiet", "--initial-branch=main");
    mkdirSync(join(this.folder, "node_modules"));
    this.write({ ".gitignore": "node_modules/\n", "package-lock.json": "{}", "bundle.cjs": PROGRAM });
  }

  git(...args: string[]): string {
    const identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false"];
    const env = { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };
    return execFileSync("git", [...identity, ...args], { cwd: this.folder, env, encoding: "utf8", stdio: "pipe" });
  }

  write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), text);
    }
  }

  stack(name: string, settings: Settings): void {
    this.write({ [`Pulumi.${name}.yaml`]: JSON.stringify({ config: settings }) });
  }

  /** Commits everything. @returns the hash */
  commit(tag: string): string {
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "--message", tag);
    this.git("tag", tag);
    return this.git("rev-parse", "HEAD").trim();
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
