import { counted } from "../amounts";
import { hazardsBetween } from "../hazards";
import { sideOf, type Side } from "../hazards/hazard";
import { manifestOf, type Resource, type ResourceGraph } from "../graph";
import { isRendered } from "../manifests";
import type { Workload } from "../workloads";
import { capacityDrops } from "./capacity";
import { contentEffects } from "./content";
import { dataEffects } from "./data";
import { fieldEffects, type Circumstances } from "./fields";
import { generatedAnew } from "./generated";
import { nameOf, pairsOf, resourceOf, type Pair } from "./pairs";
import { providerOf } from "./provider";
import { Readers } from "./readers";
import {
  byGravity,
  IMPACTS,
  impactOf,
  type Effect,
  type ImpactReport,
  type ResourceImpact,
  type Rollout,
} from "./report";
import { guarded, paceText, podsText, replacementOf, rolloutOf } from "./rollout";

export * from "./report";

/** What a report says of itself. */
export type Names = Pick<ImpactReport, "stack" | "before" | "after">;

/** A pair and what has been found of it so far. */
interface Found {
  pair: Pair;
  effects: Effect[];
  /** Whether all its pods are made anew: one after another, or all at once. */
  restarts?: "rolling" | "at-once";
}

/**
 * What Kubernetes and Pulumi will do with a change, resource by resource.
 *
 * Pure: it knows nothing but the two graphs, so what a cluster has beside the program is not in it.
 */
export function impactBetween(before: ResourceGraph, after: ResourceGraph, names: Names): ImpactReport {
  const sides = { before: sideOf(before), after: sideOf(after) };
  const circumstances = providerOf(before, after);
  const found = new Map<string, Found>();
  for (const pair of pairsOf(before, after)) {
    found.set(resourceOf(pair).urn, { pair, ...ownEffects(pair, sides.before, circumstances) });
  }
  addContent(found, sides);
  const findings = hazardsBetween(before, after);
  for (const { resource, rule, message } of findings) {
    const place = found.get(resource);
    place?.effects.push({ impact: "data-at-risk", reason: firstSentence(message), fields: [], rule });
  }
  const unseen = unseenSecrets(found);
  const rollouts = rolloutsOf(found.values(), sides);
  const resources = [...found.values()]
    .filter(({ effects }) => effects.length > 0)
    .map((one) => toImpact(one, rollouts.get(one)));
  const all = after.resources.filter(isRendered).length;
  const touched = resources.filter(({ change }) => change === "added" || change === "changed").length;
  return { ...names, resources: resources.sort(byWeight), same: all - touched, findings, ...(unseen && { unseen }) };
}

/** Secret values are only compared between two runs of the program that share a key. */
function unseenSecrets(found: ReadonlyMap<string, Found>): string[] | undefined {
  const blind = [...found.values()].filter(({ pair: { before, after } }) => {
    const isSecret = after && manifestOf(after)?.kind === "Secret";
    return isSecret && before && (before.fingerprints === undefined || after.fingerprints === undefined);
  });
  if (blind.length === 0) return undefined;
  return [
    `the values of ${counted(blind.length, "Secret")}: a render keeps none, so nobody can tell whether they change`,
  ];
}

/** What happens to a resource by itself. */
function ownEffects(pair: Pair, side: Side, circumstances: Circumstances): Omit<Found, "pair"> {
  const { before, after, fields, change, moved } = pair;
  if (change === "same") return { effects: [] };
  if (!before) return { effects: [{ impact: "create", reason: "a new object", fields: [] }] };
  const workload = side.workloads.find(({ resource }) => resource === before);
  if (!after) return { effects: goneEffects(before, workload) };
  if (moved === "unknown") return { effects: [MOVED] };
  const effects = manifestOf(after) ? fieldEffects(before, after, fields, circumstances) : generatedAnew(after, fields);
  if (moved === "alias") effects.push(ALIASED);
  const replaced = effects.some(({ impact }) => impact === "replace");
  const refused = effects.some(({ impact }) => impact === "refused");
  const rolls = effects.some(({ impact }) => impact === "rolling-restart");
  return {
    effects: [
      ...effects,
      ...(replaced ? dataEffects(before, workload) : []),
      ...(replaced && before.protect ? [PROTECTED] : []),
      ...(refused ? [] : capacityDrops(nameOf(after).kind, fields)),
    ],
    ...(replaced && workload ? { restarts: "at-once" as const } : rolls ? { restarts: "rolling" as const } : {}),
  };
}

const MOVED: Effect = {
  impact: "refused",
  reason:
    "Pulumi takes it for another resource, as its parent or its name in the program changed, and cannot make what is there already: declare an alias",
  fields: [],
  rule: "pulumi-moved",
};

const ALIASED: Effect = {
  impact: "update",
  reason: "moved in the program only: Pulumi knows it by its alias, and Kubernetes notices nothing of it",
  fields: [],
  rule: "pulumi-alias",
};

const PROTECTED: Effect = {
  impact: "refused",
  reason: "it is protected: Pulumi refuses to delete it, and the update fails",
  fields: [],
  rule: "pulumi-protect",
};

function goneEffects(resource: Resource, workload: Workload | undefined): Effect[] {
  if (resource.protect) return [PROTECTED, ...dataEffects(resource, workload)];
  if (resource.retainOnDelete) {
    const reason = "Pulumi forgets it, and leaves the real object as it is";
    return [{ impact: "delete", reason, fields: [], rule: "pulumi-retain" }];
  }
  const reason = workload && !workload.transient ? "the object goes, with all its pods" : "the object goes";
  return [...dataEffects(resource, workload), { impact: "delete", reason, fields: [] }];
}

/** What follows from new content of ConfigMaps and Secrets, for them and for the pods that read them. */
function addContent(found: Map<string, Found>, { after }: { after: Side }): void {
  const readers = new Readers(after.workloads);
  const generated = renewedValues(found);
  for (const { pair, effects } of [...found.values()]) {
    const { before, after: now, fields } = pair;
    const manifest = now && manifestOf(now);
    if (!before || !manifest || !["ConfigMap", "Secret"].includes(manifest.kind)) continue;
    const source = manifest.kind === "Secret" ? now.dependencies.find((urn) => generated.has(urn)) : undefined;
    const { namespace = "default", name } = manifest.metadata;
    const { own, readers: told } = contentEffects(
      { resource: now, fields, ...(source !== undefined && { generatedBy: generated.get(source)?.name ?? "" }) },
      readers.of(manifest.kind, namespace, name),
      ({ resource }) => found.get(resource.urn)?.restarts !== undefined || isNew(found.get(resource.urn)),
    );
    if (own.length > 0 && effects.every(({ impact }) => impact === "update")) {
      const seen = new Set(own.flatMap((effect) => effect.fields));
      const left = effects.filter(({ fields: of }) => of.length === 0 || !of.every((field) => seen.has(field)));
      effects.splice(0, effects.length, ...own, ...left);
    } else effects.push(...own);
    for (const { workload, effect, restarts } of told) {
      const reader = found.get(workload.resource.urn);
      if (!reader) continue;
      reader.effects.push(effect);
      if (restarts) reader.restarts ??= "rolling";
    }
  }
}

/**
 * Generated values that are made anew, by URN: those that change, and those that are bound to one of them. What is named
 * after such a value is another object then.
 */
function renewedValues(found: ReadonlyMap<string, Found>): Map<string, Resource> {
  const renewed = new Map<string, Resource>();
  for (const { pair, effects } of found.values()) {
    const resource = resourceOf(pair);
    const source = resource.dependencies.map((urn) => renewed.get(urn)).find((one) => one !== undefined);
    const isValue = resource.type.startsWith("random:");
    if (source && effects.length === 0 && (isValue || manifestOf(resource)?.kind === "Job")) {
      const reason = `it is bound to ${source.name}, which is made anew`;
      effects.push({ impact: "replace", reason, fields: [], rule: "bound-to-value", causedBy: source.urn });
    }
    if (isValue && effects.some(({ impact }) => impact === "replace")) renewed.set(resource.urn, resource);
  }
  return renewed;
}

function isNew(found: Found | undefined): boolean {
  return found?.pair.change === "added";
}

/** How pods are replaced, of everything that restarts. */
function rolloutsOf(found: Iterable<Found>, { before, after }: Record<"before" | "after", Side>): Map<Found, Rollout> {
  const moving = [...found].flatMap((one) => {
    const { pair, restarts } = one;
    const old = restarts && before.workloads.find((workload) => workload.resource === pair.before);
    const workload = restarts && after.workloads.find((candidate) => candidate.resource === pair.after);
    if (!old || !workload) return [];
    const both = { before: old, after: workload };
    const rollout = restarts === "rolling" ? rolloutOf(both) : replacementOf(both);
    return rollout ? [{ one, workload, rollout }] : [];
  });
  const away = new Map(
    moving.map(({ workload: { namespace, name }, rollout }) => [`${namespace}/${name}`, rollout.unavailable]),
  );
  return new Map(moving.map(({ one, workload, rollout }) => [one, guarded(rollout, workload, after, away)]));
}

function toImpact({ pair, effects, restarts }: Found, rollout: Rollout | undefined): ResourceImpact {
  const resource = resourceOf(pair);
  if (rollout && restarts === "rolling") {
    for (const effect of effects.filter(({ impact }) => impact === "rolling-restart")) {
      effect.reason += `: ${podsText(rollout)}, ${paceText(rollout)}`;
    }
  }
  return {
    ...nameOf(resource),
    change: pair.change,
    fields: pair.fields,
    effects: effects.sort(byGravity),
    ...(rollout && { rollout }),
  };
}

function byWeight(one: ResourceImpact, other: ResourceImpact): number {
  const key = (impact: ResourceImpact): string =>
    [String(IMPACTS.indexOf(impactOf(impact))).padStart(2, "0"), impact.kind, impact.namespace ?? "", impact.name].join(
      "\n",
    );
  const [a, b] = [key(one), key(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

function firstSentence(message: string): string {
  return message.split(/[:;] /)[0] ?? message;
}
