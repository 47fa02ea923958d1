import { counted } from "../amounts";
import type { Json } from "../graph";
import { isObject } from "../json";
import {
  IMPACTS,
  impactOf,
  type Effect,
  type Impact,
  type ImpactReport,
  type ResourceImpact,
  type Rollout,
} from "../impact";
import { durationText, IMPACT_WORDS } from "../impact/words";

/** Resources that are told of together. */
export interface Section {
  title: string;
  resources: ResourceImpact[];
  /** Whether a reviewer must see it: the rest is folded away. */
  open: boolean;
}

/** What runs does not notice these, and the stats line leaves them out. */
const UNNOTICED: readonly Impact[] = ["update", "create"];

const SECTIONS: [title: string, impacts: Impact[], open: boolean][] = [
  ["Data at risk", ["data-at-risk"], true],
  ["Refused", ["refused"], true],
  ["Replaced", ["replace"], true],
  ["Deleted", ["delete"], true],
  ["Less capacity", ["capacity-drop"], true],
  ["Restarts", ["rolling-restart"], true],
  ["Secrets that change", ["secret-rotation"], false],
  ["Reloaded without a restart", ["config-reload"], false],
  ["Updated in place", ["update"], false],
  ["Created", ["create"], false],
];

/** The resources of a report by their gravest effect, the gravest first. */
export function sectionsOf({ resources }: ImpactReport): Section[] {
  return SECTIONS.flatMap(([title, impacts, open]) => {
    const own = resources.filter((resource) => impacts.includes(impactOf(resource)));
    return own.length === 0 ? [] : [{ title, open, resources: own }];
  });
}

/** How many come, change and go; and `1 replaced, 2 rolling restarts (7 pods); 120 the same`. */
export function statsOf({ resources, same }: ImpactReport): {
  counts: [added: number, changed: number, removed: number];
  text: string;
} {
  const count = (change: ResourceImpact["change"]): number => resources.filter((one) => one.change === change).length;
  const impacts = IMPACTS.flatMap((impact) => {
    const own = resources.filter((resource) => resource.effects.some((effect) => effect.impact === impact));
    if (own.length === 0 || UNNOTICED.includes(impact)) return [];
    const pods = impact === "rolling-restart" ? podsOf(own) : 0;
    return [`${counted(own.length, ...IMPACT_WORDS[impact])}${pods === 0 ? "" : ` (${counted(pods, "pod")})`}`];
  });
  return {
    counts: [count("added"), count("changed"), count("removed")],
    text: [impacts.join(", "), `${same} the same`].filter((part) => part !== "").join("; "),
  };
}

function podsOf(resources: ResourceImpact[]): number {
  return resources.reduce((sum, { rollout }) => sum + (rollout?.pods ?? 0), 0);
}

/** `Deployment noetl/noetl-server-rust`. */
export function titleOf({ kind, namespace, name }: ResourceImpact): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Why something happens, each reason once: a Secret that is reloaded changes as a secret, too. */
export function reasonsOf(effects: readonly Effect[]): string[] {
  return [...new Set(effects.map(({ reason }) => reason))];
}

/** What to know of how pods are replaced beside their number: how long, and what does not hold meanwhile. */
export function rolloutText({ longestSeconds, quorumHolds, budgetHolds }: Rollout): string {
  return [
    `at worst ${durationText(longestSeconds)}`,
    ...(quorumHolds === undefined ? [] : [quorumHolds ? "the quorum holds" : "THE QUORUM IS LOST MEANWHILE"]),
    ...(budgetHolds === false ? ["more at a time than the disruption budget allows"] : []),
  ].join(", ");
}

/** What drives a terminal, or hides from a reviewer what is there: control characters, and marks that turn text round. */
const UNPRINTABLE = /[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The same data with `�` in place of what must not be printed. */
export function printable<T>(data: T): T {
  return clean(data as Json) as T;
}

function clean(value: Json): Json {
  if (typeof value === "string") return value.replace(UNPRINTABLE, "�");
  if (Array.isArray(value)) return value.map(clean);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, clean(item)]));
}
