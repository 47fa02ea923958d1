import { randomBytes } from "node:crypto";
import type { ResourceGraph } from "../../preview/graph";
import { impactBetween, impactOf, type ImpactReport } from "../../preview/impact";
import { programIn, type Program } from "../../preview/diff/programs";
import { projectFolder } from "../../preview/project-folder";
import { isRendered } from "../../preview/manifests";
import { formerRender } from "../../preview/rendered-graph";
import { readRendered } from "../../preview/rendered-folder";
import { renderedFolder } from "../../preview/stack-location";
import { UserError } from "../../stacks/errors";
import type { TaskContext } from "../queue/runner";
import { PermanentError } from "../tasks/errors";
import type { Json } from "../tasks/json";
import type { Engine, Work } from "./engine";
import { scopeUrns, wasInside, type Scope } from "./layers";
import { summaryOf } from "./report";
import { StackRefusal, type StackFolder } from "./stack-folder";

/**
 * Previews by the project's own program: no cluster, no credentials, no Pulumi. Compared with the committed render, where
 * there is one.
 */
export class OfflineEngine implements Engine {
  readonly name = "offline";

  constructor(private readonly stacks: StackFolder) {}

  async run(work: Work, context: TaskContext): Promise<Json> {
    if (work.operation !== "preview") {
      throw new PermanentError(
        "engine-offline",
        `${work.operation} changes or reads what is real, and the offline engine only previews; submit it with check_mode: true`,
      );
    }
    const now = (line: string) => context.log([{ at: Date.now(), stream: "event", text: line }]);
    await now(`rendering stack ${work.stack}`);
    const { graph, stack, file } = await renderOf(this.stacks, work, context);
    const urns = scopeUrns(graph, work.scope);
    const folder = renderedFolder(file, stack);
    const files = readRendered(folder);
    const { graph: former } = files ? await formerRender(files, graph) : { graph: { ...graph, resources: [] } };
    const name = files ? `rendered/${stack}` : "nothing";
    // Destroying goes from what there is to nothing.
    const [before, after] = work.previewOf === "destroy" ? [graph, emptied(graph)] : [former, graph];
    const whole = impactBetween(before, after, { stack, before: name, after: `stack ${stack}` });
    const report = urns ? within(whole, graph, urns, work.scope) : whole;
    await context.log(report.resources.map((one) => ({ at: Date.now(), stream: "stdout", text: lineOf(one) })));
    await now(`${report.resources.length} resources would change`);
    return { engine: "offline", preview_of: work.previewOf, ...summaryOf(report) };
  }
}

/**
 * What a task's stack would be made of.
 *
 * @throws PermanentError when the stack file is not to be had, or has mistakes
 */
export async function renderOf(
  stacks: StackFolder,
  work: Work,
  { signal }: TaskContext,
): Promise<{ graph: ResourceGraph; stack: string; file: string }> {
  const { stack, file, text } = await found(stacks, work);
  // A process of its own: a render takes a second of computing, in which the service must answer others.
  const program = programIn(projectFolder(), randomBytes(32));
  try {
    const { graph } = await untilAborted(rendered(program, { stack, text }), signal);
    return { graph, stack, file };
  } finally {
    program.close();
  }
}

async function found(stacks: StackFolder, { stack, settings }: Work) {
  try {
    return await stacks.read(stack, settings);
  } catch (error) {
    // The file may have gone since the task was submitted.
    if (error instanceof StackRefusal) throw new PermanentError(error.code, error.message);
    throw error;
  }
}

async function rendered(program: Program, stack: { stack: string; text: string }) {
  try {
    return await program.render(stack);
  } catch (error) {
    if (error instanceof UserError) throw new PermanentError("stack-invalid", error.message);
    throw error;
  }
}

function emptied(graph: ResourceGraph): ResourceGraph {
  return { ...graph, resources: [] };
}

/** What of a report is about a task's resources. */
function within(report: ImpactReport, graph: ResourceGraph, urns: ReadonlySet<string>, scope: Scope): ImpactReport {
  const isInside = (urn: string) => urns.has(urn) || wasInside(urn, scope);
  const resources = report.resources.filter(({ urn }) => isInside(urn));
  const touched = resources.filter(({ change }) => change === "added" || change === "changed").length;
  const all = graph.resources.filter((resource) => isRendered(resource) && urns.has(resource.urn)).length;
  return {
    ...report,
    resources,
    findings: report.findings.filter(({ resource }) => isInside(resource)),
    same: all - touched,
  };
}

function lineOf(one: ImpactReport["resources"][number]): string {
  const { kind, namespace, name, effects } = one;
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  return `${impactOf(one)} ${kind} ${where}: ${effects[0]?.reason ?? ""}`;
}

/** Waits no longer than the task may run; a child that computes on is told to end, and does when it can hear it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const stop = () => {
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", stop, { once: true });
    work.then(resolve, reject).finally(() => {
      signal.removeEventListener("abort", stop);
    });
  });
}
