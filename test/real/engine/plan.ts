import type { EngineEvent } from "@pulumi/pulumi/automation";

/** Steps that change nothing, and those of a replacement beside the one that stands for it. */
const LEFT_OUT = ["same", "refresh", "create-replacement", "delete-replaced"];

/**
 * What an operation does, or would do: a line for each resource that does not stay the same, in alphabetical order.
 *
 * @returns for example
 * `update kubernetes:apps/v1:Deployment::noetl-worker-rust: spec.replicas`;
 * a replacement marks the properties that cause it: `replace …: data["nats.conf"]!`
 */
export function planOf(events: readonly EngineEvent[]): string[] {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const changing = steps.filter(({ op }) => !LEFT_OUT.includes(op));
  return changing.map(({ op, urn, detailedDiff }) => `${op} ${shortUrn(urn)}${pathsOf(detailedDiff)}`).sort();
}

type DetailedDiff = NonNullable<EngineEvent["resourcePreEvent"]>["metadata"]["detailedDiff"];

function pathsOf(diff: DetailedDiff): string {
  const paths = Object.entries(diff ?? {}).map(([path, { diffKind }]) =>
    diffKind.endsWith("replace") ? `${path}!` : path,
  );
  return paths.length === 0 ? "" : `: ${paths.sort().join(", ")}`;
}

/** `TYPE::NAME`, without stack, project and the types of parents. */
export function shortUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1) ?? ""}::${name}`;
}

/** URNs of what an operation creates, or would create, sorted. */
export function createdBy(events: readonly EngineEvent[]): string[] {
  return events
    .flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? [])
    .flatMap(({ op, urn }) => (op === "create" ? [urn] : []))
    .sort();
}

/** How many resources an operation has finished so far. */
export function finishedIn(events: readonly EngineEvent[]): number {
  return events.filter(({ resOutputsEvent }) => resOutputsEvent !== undefined).length;
}

/** The errors that the engine printed, each once, without the resource they belong to. */
export function errorsIn(output: string): string[] {
  return [...new Set([...output.matchAll(/^.*?\berror: (.*)$/gm)].map(([, text = ""]) => text.trim()))];
}
