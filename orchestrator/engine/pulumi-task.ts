import { setTimeout as delay } from "node:timers/promises";
import type { EngineEvent, LocalWorkspace as Workspace, Stack } from "@pulumi/pulumi/automation";
import { OwnUpdates } from "../../operations/pulumi/own-updates";
import { leaveNoLock, pastLocks, type LockWorld } from "../../operations/pulumi/past-locks";
import { isLocked, StackLocked } from "../../operations/pulumi/stack-locks";
import { impactBetween } from "../../preview/impact";
import { PermanentError } from "../tasks/errors";
import type { JsonObject } from "../tasks/json";
import { OPERATIONS } from "../tasks/kinds";
import { SeenResources } from "./pulumi-events";
import type { PulumiJob, PulumiMessage } from "./pulumi-messages";
import { goneTargets, shortName, type StateResource } from "./pulumi-state";
import { summaryOf } from "./report";

/** These may be the first of a stack. */
const MAKING = ["create", "update", "preview"];

/** Steps that change nothing. */
const QUIET = ["same", "read"];

/** What a stack's state is read for. */
interface Deployment {
  resources?: StateResource[];
  pending_operations?: { resource: { urn: string }; type: string }[];
}

/** Does what the parent asks, once. */
export function serve(): void {
  const abort = new AbortController();
  const send = (message: PulumiMessage): void => {
    // The parent may have gone meanwhile.
    if (process.connected) process.send?.(message);
  };
  process.on("unhandledRejection", () => undefined);
  process.once("disconnect", () => {
    abort.abort();
  });
  process.on("message", (message: { cancel: true } | PulumiJob) => {
    if ("cancel" in message) {
      abort.abort();
      return;
    }
    void new PulumiTask(message, abort.signal, send).run().then((last) => {
      send(last);
      if (process.connected) process.disconnect();
    });
  });
}

/** One operation on one stack. */
class PulumiTask {
  private readonly own: OwnUpdates;
  private readonly errors: string[] = [];
  private seen = new SeenResources();
  private changes: Record<string, number> = {};
  private done = 0;
  private known = 0;

  constructor(
    private readonly job: PulumiJob,
    private readonly signal: AbortSignal,
    private readonly send: (message: PulumiMessage) => void,
  ) {
    this.own = new OwnUpdates(job.cache, `${job.workDir}/${job.stack}`);
  }

  /** @returns the last message */
  async run(): Promise<PulumiMessage> {
    try {
      return { done: await this.operate() };
    } catch (error) {
      const { name, message } = error as Error;
      const code = error instanceof PermanentError ? error.code : undefined;
      return { failed: { ...(code !== undefined && { code }), name, message, errors: this.errors } };
    }
  }

  private async operate(): Promise<JsonObject> {
    const { job } = this;
    const stack = await this.open();
    if (!OPERATIONS[job.operation].writes) {
      await this.ran(stack, this.isGoing ? this.gone(await stateOf(stack)) : job.targets);
      return this.result();
    }
    const world = this.world(stack);
    const attempt = async (): Promise<void> => {
      const state = await stateOf(stack);
      this.known = state.resources?.length ?? 0;
      await this.recover(stack, state);
      await this.ran(stack, job.targets ?? this.gone(state));
    };
    try {
      await pastLocks(attempt, world);
    } catch (error) {
      // The CLI that had to be killed has left its lock.
      if (this.signal.aborted) await leaveNoLock(() => this.locked(() => probe(stack)), world);
      throw error;
    }
    return this.result();
  }

  private async open(): Promise<Stack> {
    const { stack: stackName, workDir, operation } = this.job;
    this.step(`opening stack ${stackName}`);
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- Code that V8 has cached cannot `import()`.
    const { LocalWorkspace } = require("@pulumi/pulumi/automation") as { LocalWorkspace: typeof Workspace };
    const open = MAKING.includes(operation) ? "createOrSelectStack" : "selectStack";
    return LocalWorkspace[open]({ stackName, workDir });
  }

  private world(stack: Stack): LockWorld {
    return {
      stack: stack.name,
      own: this.own.processes,
      cancel: () => stack.cancel(),
      wait: async (milliseconds) => {
        await delay(milliseconds, undefined, { signal: this.signal });
      },
      elapsed: () => performance.now(),
      onProgress: (line) => {
        this.step(line);
      },
    };
  }

  /** What an operation that was killed had begun is in the state as pending: only a refresh takes it out. */
  private async recover(stack: Stack, { pending_operations: pending = [] }: Deployment): Promise<void> {
    if (pending.length === 0) return;
    const names = pending.map(({ type, resource }) => `${type} ${shortName(resource.urn)}`);
    this.step(`an earlier operation was killed at ${names.join(", ")}: reading what is really there`);
    await this.locked(() => stack.refresh({ ...this.options(), clearPendingCreates: true }));
  }

  /** What is to be destroyed of a stack, by its state; undefined: all. */
  private gone({ resources = [] }: Deployment): readonly string[] | undefined {
    const { scope } = this.job;
    return this.isGoing && !("all" in scope) ? goneTargets(resources, scope) : undefined;
  }

  /** Whether something is destroyed, or would be. */
  private get isGoing(): boolean {
    const { operation, previewOf } = this.job;
    return (operation === "preview" ? previewOf : operation) === "destroy";
  }

  private async ran(stack: Stack, targets: readonly string[] | undefined): Promise<void> {
    const { operation, scope } = this.job;
    this.seen = new SeenResources();
    this.done = 0;
    const options = { ...this.options(), ...(targets && { target: [...targets] }) };
    this.step(`${operation} of ${"all" in scope ? "the whole stack" : `${targets?.length ?? 0} resources`}`);
    await this.locked(async () => {
      if (operation === "preview") await (this.isGoing ? stack.previewDestroy(options) : stack.preview(options));
      else if (operation === "drift") await stack.previewRefresh(options);
      else if (operation === "refresh") await stack.refresh(options);
      else if (operation === "destroy") await stack.destroy(options);
      else await stack.up(options);
    });
  }

  private async locked(work: () => Promise<unknown>): Promise<void> {
    const before = this.errors.length;
    try {
      await this.own.run(work, this.signal);
    } catch (error) {
      const said = `${(error as Error).message} ${this.errors.slice(before).join(" ")}`;
      if (!isLocked(said)) throw error;
      this.errors.length = before;
      throw new StackLocked(said);
    }
  }

  private options() {
    return {
      color: "never" as const,
      suppressProgress: true,
      suppressOutputs: true,
      onEvent: (event: EngineEvent) => {
        this.take(event);
      },
    };
  }

  private take(event: EngineEvent): void {
    const { diagnosticEvent, resOutputsEvent, resOpFailedEvent, summaryEvent } = event;
    this.seen.take(event);
    // For those who debug the SDK: every answer of the engine, with the secrets in it.
    if (diagnosticEvent && (diagnosticEvent.severity as string) !== "debug") {
      const { severity, message } = diagnosticEvent;
      if (severity === "error") this.errors.push(message.trim());
      this.send({ diagnostic: { severity, message } });
    }
    const step = resOutputsEvent ?? resOpFailedEvent;
    if (step) {
      const { op, urn } = step.metadata;
      const done = ++this.done;
      if (!QUIET.includes(op)) {
        const total = Math.max(done, this.known);
        this.send({ resource: { op, urn, failed: resOutputsEvent === undefined, done, total } });
      }
    }
    if (summaryEvent) this.changes = summaryEvent.resourceChanges;
  }

  private result(): JsonObject {
    const { operation, previewOf, stack } = this.job;
    const { before, after } = this.seen.graphs("", stack);
    const isReading = operation === "drift" || operation === "refresh";
    // What a refresh has found is told as what it takes to bring back what the state said.
    const report = isReading
      ? impactBetween(after, before, { stack, before: "what is really there", after: "the state" })
      : impactBetween(before, after, { stack, before: "the state", after: `stack ${stack}` });
    return {
      engine: "pulumi",
      operation,
      ...(operation === "preview" && { preview_of: previewOf }),
      changes: this.changes,
      ...summaryOf(report),
    };
  }

  private step(step: string): void {
    this.send({ step });
  }
}

async function stateOf(stack: Stack): Promise<Deployment> {
  const { deployment } = (await stack.exportStack()) as { deployment?: Deployment };
  return deployment ?? {};
}

/** Does nothing but ask for the lock: a stack cannot be called as it is called. */
async function probe(stack: Stack): Promise<void> {
  try {
    await stack.rename({ stackName: stack.name });
  } catch (error) {
    if (!(error as Error).message.includes("already exists")) throw error;
  }
}
