import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectFolder } from "../../../preview/project-folder";
import { ensureTool } from "../../../tools/find";
import { installPlugins, PLUGIN_NAMES, type PluginName, type Plugins } from "../plugins/install";
import { findLanguageHost, installLanguageHost } from "./language-host";
import { OpenStack } from "./open-stack";

/** What the program needs beside its stack file. */
const SOURCES = ["index.ts", "bundle.cjs", "package.json", "package-lock.json", "stacks", "components"];

/** A Pulumi CLI with plugins, in a home of its own. */
export interface Engine {
  /** Holds all its files: home, state, workspaces. */
  folder: string;
  /** Version of the CLI. */
  version: string;
  plugins: Plugins;
  /** What a shell needs in which a reader types `pulumi`; its state is where its HOME is. */
  env: Record<string, string>;
  /** Makes an empty stack, with a state of its own. */
  open(options: StackOptions): Promise<OpenStack>;
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

/** A stack to make. */
export interface StackOptions {
  /** Name of a shipped stack; a copy of its file is the stack's. */
  stack: string;
  /** Path of the kubeconfig. */
  kubeconfig: string;
  /** `inline`: the program runs beside this process. `project`: the CLI runs the project as a user does. @default "inline" */
  program?: "inline" | "project";
}

/**
 * Prepares the pinned Pulumi CLI. Nothing is downloaded, no account is used.
 *
 * @param options.plugins which plugins are there @default all of them
 * @throws Error when there is no CLI
 */
export async function startEngine(options: { plugins?: readonly PluginName[] } = {}): Promise<Engine> {
  const tool = await ensureTool("pulumi");
  if (!tool.found) throw new Error(`pulumi: ${tool.reason}`);
  const folder = mkdtempSync(join(tmpdir(), "noetl-engine-"));
  try {
    for (const name of ["bin", "home"]) mkdirSync(join(folder, name));
    symlinkSync(tool.path, join(folder, "bin", "pulumi"));
    const plugins = await installPlugins(join(folder, "plugins"), options.plugins ?? PLUGIN_NAMES);
    const host = findLanguageHost();
    if (host !== undefined) installLanguageHost(host, plugins.folder, join(projectFolder(), "Pulumi.yaml"));

    const env = {
      ...DETACHED,
      PATH: [join(folder, "bin"), plugins.folder, process.env.PATH ?? ""].join(":"),
      PULUMI_CONFIG_PASSPHRASE: "correct horse",
    };
    const opened: OpenStack[] = [];
    const open = async ({ stack, kubeconfig, program = "inline" }: StackOptions): Promise<OpenStack> => {
      const inline = program === "inline";
      const place = mkdtempSync(join(folder, `${stack}-`));
      const [workDir, state] = [join(place, "work"), join(place, "state")];
      mkdirSync(state);
      copyProject(workDir, stack, inline);
      const home = join(folder, "home");
      const own = { HOME: home, KUBECONFIG: kubeconfig, PULUMI_BACKEND_URL: `file://${state}` };
      const settings = { name: stack, workDir, pulumiHome: home, root: folder, env: { ...env, ...own }, inline };
      const made = await OpenStack.open(settings, place);
      opened.push(made);
      return made;
    };
    const stop = async (): Promise<void> => {
      await Promise.all(opened.map((stack) => stack.close()));
      rmSync(folder, { recursive: true, force: true });
    };
    return { folder, version: tool.version, plugins, env, open, stop };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** No plugin, no news and no account from the network. */
const DETACHED = {
  PULUMI_SKIP_UPDATE_CHECK: "true",
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
};

function copyProject(workDir: string, stack: string, inline: boolean): void {
  const project = projectFolder();
  mkdirSync(workDir);
  // The CLI looks for the program also where it runs none.
  for (const file of ["Pulumi.yaml", `Pulumi.${stack}.yaml`, "index.cjs"])
    copyFileSync(join(project, file), join(workDir, file));
  if (inline) return;
  for (const source of SOURCES) cpSync(join(project, source), join(workDir, source), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(workDir, "node_modules"));
}
