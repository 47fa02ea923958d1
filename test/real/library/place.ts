import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { version as kubernetesVersion } from "@pulumi/kubernetes/package.json";
import { parse } from "yaml";
import { projectFolder } from "../../../preview/project-folder";
import { buildPlace } from "../../../tools/cache";
import { findTool } from "../../../tools/find";
import { installPlugins } from "../plugins/install";
import { findLanguageHost } from "../engine/language-host";

const run = promisify(execFile);

export const PACKAGE = join(projectFolder(), "library");

/** A machine with the Pulumi CLI, on which somebody has installed what `npm pack` makes. */
export class Place {
  private constructor(
    /** Holds everything. */
    readonly folder: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** @throws Error when there is no CLI */
  static async make(): Promise<Place> {
    const tool = await findTool("pulumi");
    if (!tool.found) throw new Error(tool.reason);
    const folder = mkdtempSync(join(tmpdir(), "noetl-library-"));
    for (const name of ["bin", "home", "state", "project"]) mkdirSync(join(folder, name));
    symlinkSync(tool.path, join(folder, "bin", "pulumi"));
    const plugins = await installPlugins(join(folder, "plugins"), ["gcp", "random"]);
    // A preview needs no cluster: what is made of the components is looked at, not what a cluster makes of it.
    command(join(folder, "bin"), "pulumi-resource-kubernetes", [
      process.execPath,
      join(plugins.folder, "plugins.cjs"),
      "gcp",
      kubernetesVersion,
    ]);
    const env = {
      PATH: [join(folder, "bin"), plugins.folder, process.env.PATH].join(":"),
      HOME: process.env.HOME,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    };
    return new Place(folder, env);
  }

  get project(): string {
    return join(this.folder, "project");
  }

  /** Where the package is, once it is installed. */
  get installed(): string {
    return join(this.project, "node_modules", "@noetl", "platform");
  }

  /** Packs the package and installs it in an empty project. @returns the paths of the packed files */
  async install(): Promise<string[]> {
    const { stdout } = await run("npm", ["pack", PACKAGE, "--json", "--pack-destination", this.folder], {
      cwd: this.project,
      env: process.env,
      maxBuffer: Infinity,
    });
    const packed = JSON.parse(stdout.slice(stdout.indexOf("["))) as { filename: string; files: { path: string }[] }[];
    const [{ filename, files }] = packed as [(typeof packed)[number]];
    writeFileSync(join(this.project, "package.json"), JSON.stringify({ name: "stranger", private: true }));
    await run("npm", ["install", "--prefer-offline", "--no-audit", "--no-fund", join(this.folder, filename)], {
      cwd: this.project,
      env: process.env,
    });
    return files.map(({ path }) => path);
  }

  /** Compiles a file of the project with the types that the package brings. */
  async compile(file = "index.ts"): Promise<void> {
    const tsc = join(projectFolder(), "node_modules", "typescript", "bin", "tsc");
    const compilerOptions = { module: "node16", target: "es2022", strict: true, skipLibCheck: true, types: [] };
    writeFileSync(join(this.project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
    await run(process.execPath, [tsc, "-p", this.project]).catch((error: unknown) => {
      throw new Error((error as { stdout: string }).stdout);
    });
  }

  /** Runs a text in the project's folder. @returns what it printed */
  async node(text: string): Promise<string> {
    const { stdout } = await run(process.execPath, ["-e", text], {
      cwd: this.project,
      env: { PATH: process.env.PATH },
    });
    return stdout;
  }

  /** Makes `pulumi-language-nodejs` the host of programs in JavaScript. */
  useNodejs(): void {
    command(join(this.folder, "bin"), "pulumi-language-nodejs", [findLanguageHost() ?? "", "-typescript=false"]);
  }

  /** Makes `pulumi-language-python` the host of programs in Python, with the SDK of a folder. */
  usePython(modules: string): void {
    const { bin, files } = buildPlace("pulumi-language-python", process.env);
    // It looks beside itself for what runs a program.
    for (const file of [join(bin, "pulumi-language-python"), join(files, "pulumi-language-python-exec")]) {
      cpSync(file, join(this.folder, "bin", basename(file)));
    }
    this.env.PYTHONPATH = modules;
  }

  /** Makes `pulumi-language-go` the host of programs in Go, and writes the package's SDK for Go. @param folder of the SDK */
  async useGo(folder: string): Promise<void> {
    const host = join(buildPlace("pulumi-language-go", process.env).bin, "pulumi-language-go");
    symlinkSync(host, join(this.folder, "bin", "pulumi-language-go"));
    const generator = join(buildPlace("pulumi-sdk-go", process.env).bin, "pulumi-sdk-go");
    await run(generator, [join(this.installed, "schema.json"), folder]);
    // The checksum database guards what is downloaded, go.sum is written as it is.
    this.env.GOFLAGS = "-mod=mod";
  }

  /**
   * Puts the package on PATH as the plugin `noetl`. The language host that can be built here starts no plugins; this runs
   * what a published one runs for a folder with this PulumiPlugin.yaml.
   */
  usePlugin(): string {
    const { runtime } = parse(readFileSync(join(this.installed, "PulumiPlugin.yaml"), "utf8")) as { runtime: string };
    if (runtime !== "nodejs") throw new Error(`PulumiPlugin.yaml: runtime ${runtime}`);
    const runner = join(this.project, "node_modules", "@pulumi", "pulumi", "cmd", "run-plugin");
    return command(join(this.folder, "bin"), "pulumi-resource-noetl", [process.execPath, runner, this.installed]);
  }

  /** Runs the CLI in a project with a stack `dev`. @returns its output @throws Error with all that it said */
  async pulumi(project: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(join(this.folder, "bin", "pulumi"), [...args, "--non-interactive"], {
      cwd: project,
      env: this.env,
      maxBuffer: Infinity,
    }).catch((error: unknown) => {
      const { stdout: out, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${out}${stderr}`);
    });
    return stdout;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Makes a command that runs another one, with its own arguments after the given ones. */
function command(folder: string, name: string, words: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexec ${words.map((word) => `'${word}'`).join(" ")} "$@"\n`, { mode: 0o755 });
  return path;
}
