import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { parseDocument } from "yaml";
import { projectFolder } from "../../../preview/project-folder";
import type { Engine } from "./engine";
import { findLanguageHost, installLanguageHost, LANGUAGE_HOST, NO_LANGUAGE_HOST } from "./language-host";
import type { OpenStack } from "./open-stack";

/** The runtime of the program, so that no language host carries the name of the pack's. */
const RUNTIME = "pinned";

/** How a preview ended, and all that it printed. */
export interface Ended {
  code: number;
  said: string;
}

/**
 * `pulumi preview --policy-pack policy-pack` of a project. The CLI asks a language host for the pack's runtime, nodejs,
 * to run the pack; the one that can be built here is too old for that. Where it finds none, it starts
 * `pulumi-analyzer-policy-nodejs` from PATH: here a script that runs what the SDK has for it. The program's own runtime
 * gets another name, and the language host with it.
 */
export async function previewWithPack(engine: Engine, stack: OpenStack): Promise<Ended> {
  const { name, workDir, pulumiHome, root, env } = stack.settings;
  const folder = mkdtempSync(join(stack.home, "pack-"));
  for (const plugin of readdirSync(engine.plugins.folder)) {
    if (plugin !== LANGUAGE_HOST) symlinkSync(join(engine.plugins.folder, plugin), join(folder, plugin));
  }
  const runner = join(projectFolder(), "node_modules", "@pulumi", "pulumi", "cmd", "run-policy-pack");
  const script = `#!/bin/sh\nexec '${process.execPath}' '${runner}' "$@"\n`;
  writeFileSync(join(folder, "pulumi-analyzer-policy-nodejs"), script, { mode: 0o755 });
  const host = findLanguageHost();
  if (host === undefined) throw new Error(NO_LANGUAGE_HOST);
  const projectFile = join(workDir, "Pulumi.yaml");
  installLanguageHost(host, folder, projectFile, `pulumi-language-${RUNTIME}`);

  const project = readFileSync(projectFile, "utf8");
  const document = parseDocument(project);
  document.setIn(["runtime", "name"], RUNTIME);
  writeFileSync(projectFile, document.toString());
  const path = (env.PATH ?? "").split(delimiter).filter((one) => one !== engine.plugins.folder);
  const preview = ["--stack", name, "--non-interactive", "preview", "--color", "never"];
  try {
    return await new Promise((resolve) => {
      execFile(
        join(root, "bin", "pulumi"),
        [...preview, "--policy-pack", join(projectFolder(), "policy-pack")],
        {
          cwd: workDir,
          env: { ...env, PULUMI_HOME: pulumiHome, PATH: [folder, ...path].join(delimiter) },
          maxBuffer: Infinity,
        },
        (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, said: stdout + stderr });
        },
      );
    });
  } finally {
    writeFileSync(projectFile, project);
  }
}
