import { UserError } from "../../stacks/errors";
import type { PlatformConfig } from "../../stacks/schema";
import type { ResourceGraph } from "../graph";
import { impactBetween } from "../impact";
import type { ImpactReport } from "../impact/report";
import { applyWaivers } from "../waivers";
import { attribute } from "./attribution";
import { encryptedEdits } from "./edits";
import type { LiveFacts } from "./live";
import type { Side, SideStack } from "./sides";

/** A stack on both sides, or why they could not be compared. */
export interface StackDiff {
  stack: string;
  /** Undefined when a side could not be had. */
  report?: ImpactReport;
  /** What a reader must know about the comparison. */
  notes: string[];
  /** Why there is no report. */
  problem?: string;
  /** What there is to say of a cluster, where that is the earlier side. */
  live?: LiveFacts;
  /** The later side, for a picture. */
  graph?: ResourceGraph;
}

/** Names of the sides, for people. */
export interface Names {
  before: string;
  after: string;
}

/** What {@link diffStacks} compares. */
export interface Comparison {
  before: Side;
  after: Side;
  names: Names;
  /** Stacks to compare; all of them by default. */
  stacks: readonly string[];
  /** The day on which waivers are judged, as `2026-11-21`. */
  today: string;
}

/**
 * Compares stacks of two sides. A stack that fails does not keep the others from being compared.
 *
 * @throws UserError when a stack is asked for that neither side has, or there is none to compare
 */
export async function diffStacks(comparison: Comparison): Promise<StackDiff[]> {
  const pairs = pairsOf(comparison);
  return Promise.all(pairs.map((pair) => diffOf(pair, comparison)));
}

/** A stack by its name on each side. */
interface Pair {
  before: string | undefined;
  after: string | undefined;
}

function pairsOf({ before, after, stacks, names }: Comparison): Pair[] {
  const [old, ...others] = before.stacks;
  const [now, ...more] = after.stacks;
  // Two files, or two folders: whatever they are called, they are meant to be compared.
  if (stacks.length === 0 && others.length + more.length === 0 && old !== undefined && now !== undefined) {
    return [{ before: old, after: now }];
  }
  const all = [...new Set([...before.stacks, ...after.stacks])].sort();
  const common = all.filter((name) => before.stacks.includes(name) && after.stacks.includes(name));
  const known = `${names.before} has ${listText(before.stacks)}; ${names.after} has ${listText(after.stacks)}`;
  const unknown = stacks.find((name) => !all.includes(name));
  if (unknown !== undefined) {
    throw new UserError(`there is no stack '${unknown}' on either side: ${known}\nnext: name one of them with --stack`);
  }
  // One file or folder is compared with the stack of its name, and with no other.
  const isOne = before.isOne || after.isOne;
  if (isOne && common.length === 0) {
    throw new UserError(
      `the sides have no stack in common: ${known}\nnext: name a file on each side, for example: noetl-ops diff Pulumi.kind.yaml my.yaml`,
    );
  }
  return (stacks.length > 0 ? [...new Set(stacks)] : isOne ? common : all).map((name) => ({
    before: before.stacks.includes(name) ? name : undefined,
    after: after.stacks.includes(name) ? name : undefined,
  }));
}

function listText(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

async function diffOf({ before, after }: Pair, { names, today, ...sides }: Comparison): Promise<StackDiff> {
  const stack = after ?? before ?? "";
  const [old, loaded] = await Promise.all([
    sideOf(sides.before, names.before, before, stack),
    sideOf(sides.after, names.after, after, stack),
  ]);
  const now = await withNewSecrets(loaded, old, stack);
  const notes = [...old.notes, ...now.notes];
  const problems = [old, now].flatMap((side) => ("problem" in side ? [side.problem] : []));
  if ("problem" in old || "problem" in now) return { stack, notes, problem: problems.join("\n") };
  if (before === undefined) notes.unshift(`${names.before} has no stack ${stack}: everything is new`);
  if (after === undefined) notes.unshift(`${names.after} has no stack ${stack}: everything goes`);

  const report = impactBetween(old.graph, now.graph, { stack, ...names });
  const attribution = await attribute(old, now);
  if (old.from && now.from) notes.push(...encryptedNotes(old.from.text, now.from.text, stack));
  return {
    stack,
    notes,
    graph: now.graph,
    report: {
      ...report,
      stack,
      resources: report.resources.map((resource) => {
        const causes = resource.effects.flatMap(({ causedBy }) => causedBy ?? []);
        const edits = new Set([resource.urn, ...causes].flatMap((urn) => attribution?.get(urn) ?? []));
        return edits.size === 0 ? resource : { ...resource, edits: [...edits] };
      }),
      findings: waivedFindings(report, now.from?.config ?? old.from?.config, today),
    },
  };
}

type Loaded = SideStack | { problem: string; notes: string[] };

/** The later side, rendered again where secrets were encrypted anew: with other values than before. */
async function withNewSecrets(now: Loaded, old: Loaded, stack: string): Promise<Loaded> {
  if (!("graph" in now) || !now.from || !("graph" in old) || !old.from) return now;
  const { program, text } = now.from;
  const former = old.from.text;
  if (encryptedEdits(former, text).length === 0) return now;
  try {
    const { graph } = await program.render({ stack, text, former });
    return { ...now, graph, from: { ...now.from, former } };
  } catch (error) {
    // The program does not know the former file's settings.
    if (error instanceof UserError) return now;
    throw error;
  }
}

async function sideOf(side: Side, title: string, name: string | undefined, stack: string): Promise<Loaded> {
  if (name === undefined) return { graph: { project: "noetl", stack, resources: [] }, notes: [] };
  try {
    const loaded = await side.stack(name);
    return { ...loaded, graph: named(loaded.graph, stack) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const next = `next: noetl-ops preview --stack ${name} shows where`;
    return {
      problem: error instanceof UserError ? message : `${title}: the program throws: ${message}\n${next}`,
      notes: [],
    };
  }
}

/** The same graph under another stack's name, so that its resources are the same as that stack's. */
function named(graph: ResourceGraph, stack: string): ResourceGraph {
  if (graph.stack === stack) return graph;
  const [old, now] = [graph.stack, stack].map((name) => `urn:pulumi:${name}::`);
  const renamed = (urn: string): string => (urn.startsWith(old ?? "") ? `${now ?? ""}${urn.slice(old?.length)}` : urn);
  return {
    ...graph,
    stack,
    resources: graph.resources.map(({ parent, ...resource }) => ({
      ...resource,
      urn: renamed(resource.urn),
      ...(parent !== undefined && { parent: renamed(parent) }),
      dependencies: resource.dependencies.map(renamed),
    })),
  };
}

/** Settings whose encrypted text differs: nobody can tell offline whether the value does. */
export function encryptedNotes(before: string, after: string, stack: string): string[] {
  const keys = encryptedEdits(before, after);
  if (keys.length === 0) return [];
  return [
    `encrypted anew: ${keys.join(", ")}; taken for other values, as nobody can tell offline. Who reads them: noetl-ops secrets --stack ${stack}`,
  ];
}

/** What the stack file accepts is marked; what else there is to say of waivers, `noetl-ops check` says. */
export function waivedFindings({ findings }: ImpactReport, config: PlatformConfig | undefined, today: string) {
  const judged = applyWaivers(findings, config?.waivers ?? [], { today, asked: [], known: [] });
  return judged.slice(0, findings.length);
}
