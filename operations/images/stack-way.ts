import type * as Automation from "@pulumi/pulumi/automation";
import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { STACK_FILE } from "../../stacks/config/file-text";
import { replaceFileText } from "../../stacks/config/write-file";
import { UserError } from "../../stacks/errors";
import type { Component } from "./components";
import type { LiveNamespace } from "./live";
import { pastLocks } from "../pulumi/past-locks";
import { isLocked, StackLocked } from "../pulumi/stack-locks";
import { OwnUpdates } from "../pulumi/own-updates";
import { imageOf } from "./rollout";
import { type Written, writeImage } from "./stack-text";
import type { Way } from "./way";

/** A stack under Pulumi's engine: as much of the Automation API's as is used. */
export interface EngineStack {
  readonly name: string;
  up(options: Automation.UpOptions): Promise<unknown>;
  /** Takes all locks away. */
  cancel(): Promise<void>;
}

/** What updates need of the world. */
interface UpdateWorld {
  wait: (milliseconds: number) => Promise<void>;
  /** Milliseconds that only grow. */
  elapsed: () => number;
  onProgress: (line: string) => void;
  /** Folder for what outlives a run. */
  cache: string;
}

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
export function stackWay(live: LiveNamespace, open: () => Promise<EngineStack>, file: string, world: UpdateWorld): Way {
  const written = new Map<Component, Written>();
  const own = new OwnUpdates(world.cache, file);
  let opened: Promise<EngineStack> | undefined;
  const stack = (): Promise<EngineStack> => (opened ??= open());
  const update = async (component: Component, image: string, signal: AbortSignal): Promise<void> => {
    await updateOne(await stack(), component, signal, { ...world, own });
    const workload = await live.workload(component);
    // After an update that was ended, the state may name the former image while the other one runs: the engine then
    // finds nothing to do.
    if (workload !== undefined && imageOf(workload, component) !== image) await live.setImage(component, image);
  };
  return {
    name: "stack",
    prepare: async () => {
      await stack();
    },
    set: async (component, image, signal) => {
      const edit = writeImage(file, component, image);
      if (edit !== undefined) written.set(component, edit);
      await update(component, image, signal);
    },
    restore: async (component, former, signal) => {
      const edit = written.get(component);
      // As it was to the byte, where it was our edit; what ran was something else where the file had not said so.
      if (edit === undefined || component.image !== former) writeImage(file, component, former);
      else replaceFileText(file, edit.after, edit.before);
      await update(component, former, signal);
    },
    settle: async (component, image, signal) => {
      if (writeImage(file, component, image) !== undefined) await update(component, image, signal);
    },
  };
}

/**
 * Updates one workload, and takes what really runs into account.
 */
async function updateOne(
  stack: EngineStack,
  { kind, name }: Component,
  signal: AbortSignal,
  { wait, elapsed, onProgress, own }: UpdateWorld & { own: OwnUpdates },
): Promise<void> {
  const errors: string[] = [];
  const options: Automation.UpOptions = {
    target: [`**$kubernetes:apps/v1:${kind}::${name}`],
    refresh: true,
    color: "never",
    suppressProgress: true,
    onEvent: ({ diagnosticEvent }) => {
      if (diagnosticEvent?.severity === "error") errors.push(diagnosticEvent.message.trim());
    },
  };
  const update = async (): Promise<void> => {
    errors.length = 0;
    try {
      await own.run(() => stack.up(options), signal);
    } catch (error) {
      signal.throwIfAborted();
      const reason = errors.length > 0 ? errors.join("; ") : reasonOf(error);
      const said = `${(error as Error).message} ${reason}`;
      if (isLocked(said)) throw new StackLocked(said);
      throw new UserError(`${name}: the update has failed: ${reason}\nnext: pulumi preview shows what is in its way`);
    }
  };
  try {
    await pastLocks(update, {
      stack: stack.name,
      own: own.processes,
      cancel: () => stack.cancel(),
      wait,
      elapsed,
      onProgress: (line) => {
        onProgress(`${name}: ${line}`);
      },
    });
  } catch (error) {
    if (!(error instanceof StackLocked)) throw error;
    throw new UserError(`${name}: ${error.message}\nnext: wait until it ends`);
  }
}

/** The line of the CLI that says what is wrong. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  return (
    lines.find((line) => /^(?:stderr: )?error:/.test(line))?.replace(/^(?:stderr: )?error:\s*/, "") ?? lines[0] ?? text
  );
}
