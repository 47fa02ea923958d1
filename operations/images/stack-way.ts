import type * as Automation from "@pulumi/pulumi/automation";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { STACK_FILE } from "../../stacks/config/file-text";
import { replaceFileText } from "../../stacks/config/write-file";
import { UserError } from "../../stacks/errors";
import type { Component } from "./components";
import { type Written, writeImage } from "./stack-text";
import type { Way } from "./way";

/** A stack under Pulumi's engine: as much of the Automation API's as is used. */
export interface EngineStack {
  up(options: Automation.UpOptions): Promise<unknown>;
}

/** What updates need of the world. */
export interface UpdateWorld {
  wait: (milliseconds: number) => Promise<void>;
  onProgress: (line: string) => void;
}

/** Milliseconds between two tries while another update of the stack runs. */
const PAUSE = 3000;

/** Opens a stack for updates through the Pulumi CLI. @throws UserError when that cannot be */
export async function openStack(file: string, kubeconfig: string | undefined): Promise<EngineStack> {
  const [, stackName] = STACK_FILE.exec(basename(file)) ?? [];
  const workDir = dirname(file);
  if (stackName === undefined || !existsSync(join(workDir, "Pulumi.yaml"))) {
    throw new UserError(
      `${file} is not the file of a stack beside Pulumi.yaml, so that Pulumi cannot update it; nothing was changed\n` +
        "next: name a stack with --stack, or move the image straight on the cluster with --live",
    );
  }
  // Code that V8 has cached cannot `import()`.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { LocalWorkspace } = require("@pulumi/pulumi/automation") as typeof Automation;
  const envVars: Record<string, string> = kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig };
  try {
    return await LocalWorkspace.selectStack({ stackName, workDir }, { envVars });
  } catch (error) {
    throw new UserError(
      `Pulumi cannot open stack ${stackName}, and nothing was changed: ${reasonOf(error)}\n` +
        "next: install the Pulumi CLI, log in with pulumi login, and see pulumi stack ls",
    );
  }
}

/**
 * Through the stack file: it is edited, then the update makes that one workload what the file says. What else the file
 * says and is not deployed yet stays as it is.
 */
export function stackWay(open: () => Promise<EngineStack>, file: string, world: UpdateWorld): Way {
  const written = new Map<Component, Written>();
  let opened: Promise<EngineStack> | undefined;
  const stack = (): Promise<EngineStack> => (opened ??= open());
  const update = async (component: Component, signal: AbortSignal): Promise<void> => {
    await updateOne(await stack(), component, signal, world);
  };
  return {
    name: "stack",
    prepare: async () => {
      await stack();
    },
    set: async (component, image, signal) => {
      const edit = writeImage(file, component, image);
      if (edit !== undefined) written.set(component, edit);
      await update(component, signal);
    },
    restore: async (component, former, signal) => {
      const edit = written.get(component);
      // As it was to the byte, where it was our edit; what ran was something else where the file had said so before.
      if (edit === undefined) writeImage(file, component, former);
      else replaceFileText(file, edit.after, edit.before);
      await update(component, signal);
    },
    settle: async (component, image, signal) => {
      if (writeImage(file, component, image) !== undefined) await update(component, signal);
    },
  };
}

/** Updates one workload, and takes what really runs into account. */
async function updateOne(
  stack: EngineStack,
  { kind, name }: Component,
  signal: AbortSignal,
  { wait, onProgress }: UpdateWorld,
): Promise<void> {
  const errors: string[] = [];
  const options: Automation.UpOptions = {
    target: [`**$kubernetes:apps/v1:${kind}::${name}`],
    refresh: true,
    color: "never",
    suppressProgress: true,
    signal,
    onEvent: ({ diagnosticEvent }) => {
      if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message.trim());
    },
  };
  for (let told = false; ; told = true) {
    errors.length = 0;
    try {
      await stack.up(options);
      return;
    } catch (error) {
      signal.throwIfAborted();
      const reason = errors.length > 0 ? errors.join("; ") : reasonOf(error);
      if (!isLocked(error, reason)) {
        throw new UserError(`${name}: the update has failed: ${reason}\nnext: pulumi preview shows what is in its way`);
      }
      if (!told) onProgress(`${name}: another update of the stack runs, or was killed: pulumi cancel ends it; waiting`);
      await wait(PAUSE);
    }
  }
}

function isLocked(error: unknown, reason: string): boolean {
  const { name = "", message = "" } = error as Partial<Error>;
  return (
    name === "ConcurrentUpdateError" ||
    /currently locked|Another update is currently in progress/.test(`${message} ${reason}`)
  );
}

/** The line of the CLI that says what is wrong. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(?:stderr: )?error:/.test(line))?.replace(/^(?:stderr: )?error:\s*/, "") ?? lines[0] ?? text
  );
}
