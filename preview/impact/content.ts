import { confChanges } from "../../components/nats/reload-table";
import { RELOADER_ANNOTATION } from "../../components/tls/pod-tls";
import type { FieldChange } from "../field-changes";
import { manifestOf, SECRET, type Resource } from "../graph";
import { objectOf, textOf } from "../json";
import type { Workload } from "../workloads";
import { stepsOf } from "./paths";
import type { Reading } from "./readers";
import type { Effect } from "./report";

/** A ConfigMap or Secret whose content changes. */
export interface ContentChange {
  resource: Resource;
  fields: readonly FieldChange[];
  /** Where it is a Secret whose value comes from another resource that is made anew: that one's name. */
  generatedBy?: string;
}

/** What follows from new content: for the object, and for who reads it. */
export interface ContentEffects {
  own: Effect[];
  readers: { workload: Workload; effect: Effect; restarts: boolean }[];
}

/** Processes that tell others of new files: what names them in a container, and where that is known from. */
const RELOADERS: readonly { id: string; sign: RegExp; source: string }[] = [
  { id: "nats-reloader", sign: /nats-server --signal=reload/, source: "components/nats/scripts.ts" },
  {
    id: "nats-config-reloader",
    sign: /natsio\/nats-server-config-reloader/,
    source: "https://github.com/nats-io/nack/tree/main/cmd/nats-server-config-reloader",
  },
  {
    id: "prometheus-config-reloader",
    sign: /prometheus-operator\/prometheus-config-reloader/,
    source: "https://github.com/prometheus-operator/prometheus-operator",
  },
];

/**
 * What new content of a ConfigMap or Secret does.
 *
 * @param readings Who reads the object.
 * @param restarts Whether a workload's pods are made anew by the change anyway.
 */
export function contentEffects(
  { resource, fields, generatedBy }: ContentChange,
  readings: readonly Reading[],
  restarts: (workload: Workload) => boolean,
): ContentEffects {
  const manifest = manifestOf(resource);
  const isSecret = manifest?.kind === "Secret";
  const content = fields.filter(({ path }) => ["data", "stringData", "binaryData"].includes(stepsOf(path)[0] ?? ""));
  if (!manifest || (content.length === 0 && generatedBy === undefined)) return { own: [], readers: [] };
  const keys = generatedBy === undefined ? changedKeys(content) : undefined;
  const paths = content.map(({ path }) => path);
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  const result: ContentEffects = { own: [], readers: [] };
  const said: string[] = [];
  let reloads: string | undefined;
  for (const [workload, group] of byWorkload(readings.filter((reading) => touches(reading, keys)))) {
    const title = `${workload.kind} ${workload.name}`;
    if (workload.transient) {
      said.push(`${title} reads it when it runs`);
      continue;
    }
    if (restarts(workload)) {
      said.push(`${title} restarts with this change, and reads it then`);
      continue;
    }
    const tell = (impact: Effect["impact"], reason: string, rule: string): void => {
      const effect = { impact, reason, fields: [], rule, causedBy: resource.urn };
      result.readers.push({ workload, effect, restarts: impact === "rolling-restart" });
    };
    if (stakaterRestarts(workload, manifest.kind, manifest.metadata.name)) {
      tell("rolling-restart", `Reloader restarts its pods when ${name} changes`, "stakater-reloader");
      said.push(`Reloader restarts ${title} for it`);
      continue;
    }
    const how = readingOf(group, workload, content);
    if (how.reloader !== undefined) reloads ??= how.reloader;
    said.push(`${title} ${how.said}`);
    if (how.reloader === undefined) tell(isSecret ? "secret-rotation" : "update", `${how.says} ${name}`, how.rule);
  }
  const readers = said.length === 0 ? "nothing in the program reads it" : said.join("; ");
  const origin = generatedBy === undefined ? "" : `its value comes from ${generatedBy}, which is made anew: `;
  if (isSecret) {
    result.own.push({
      impact: "secret-rotation",
      reason: `${origin}${readers}`,
      fields: paths,
      rule: "secret-content",
    });
  }
  if (reloads !== undefined) {
    result.own.push({ impact: "config-reload", reason: readers, fields: paths, rule: reloads });
  } else if (!isSecret) {
    result.own.push({ impact: "update", reason: readers, fields: paths, rule: "config-content" });
  }
  return result;
}

interface How {
  /** Of the reader, in a sentence about the object. */
  said: string;
  /** Before the object's name, in a sentence about the reader. */
  says: string;
  rule: string;
  /** The reloader that makes it effective at once. */
  reloader?: string;
}

/** How a workload comes to see new content: the slowest of its ways, since all of them have to. */
function readingOf(readings: readonly Reading[], workload: Workload, content: readonly FieldChange[]): How {
  if (readings.some(({ as }) => as === "variables")) {
    return {
      said: "reads it as variables, and keeps the old values until its pods restart",
      says: "its pods keep the old variables until they restart:",
      rule: "read-at-start",
    };
  }
  if (readings.some(({ as }) => as === "fixed files")) {
    return {
      said: "mounts it by subPath, and keeps the old file until its pods restart",
      says: "its pods keep the old file until they restart, as it is mounted by subPath:",
      rule: "read-by-sub-path",
    };
  }
  const reloader = reloaderOf(workload, readings);
  if (reloader === undefined) {
    return {
      said: "mounts it: the files follow within about a minute, and what it read at its start is used until its pods restart",
      says: "nothing tells its processes, so they may use the old files until they restart:",
      rule: "mounted",
    };
  }
  const waits = content.flatMap((change) => restartPaths(change));
  if (waits.length > 0) {
    return {
      said: `needs a restart for ${waits.join(", ")}, and nothing restarts it`,
      says: `it needs a restart for ${waits.join(", ")} in`,
      rule: "conf-needs-restart",
    };
  }
  return {
    said: "takes it over without a restart, once the files follow (about a minute)",
    says: "",
    rule: "",
    reloader,
  };
}

/** How a secret value begins that is shown by its fingerprint, or not at all. */
const HIDDEN = SECRET.slice(0, -1);

/** The settings of a nats.conf that only a restart makes effective. */
function restartPaths({ path, before, after }: FieldChange): string[] {
  const key = stepsOf(path).at(-1) ?? "";
  if (!key.endsWith(".conf") || typeof before !== "string" || typeof after !== "string") return [];
  // Of a secret file nobody sees what changes in it; it holds passwords and addresses, which a reload takes over.
  if (before.startsWith(HIDDEN) || after.startsWith(HIDDEN)) return [];
  return confChanges(before, after).flatMap((change) => (change.effect === "restart" ? [change.path] : []));
}

/** The reloader in a workload that watches what is read. */
function reloaderOf({ containers, initContainers }: Workload, readings: readonly Reading[]): string | undefined {
  const readers = new Set(readings.flatMap((reading) => reading.containers));
  const watching = [...containers, ...initContainers].filter(({ name }) => readers.has(name));
  return RELOADERS.find(({ sign }) => watching.some(({ raw }) => sign.test(textsOf(raw))))?.id;
}

function textsOf({ command, args, image }: Record<string, unknown>): string {
  return JSON.stringify([image, command, args]);
}

/** Whether Stakater's Reloader, which a workload's own annotations tell what to watch, restarts it. */
function stakaterRestarts({ manifest }: Workload, kind: string, name: string): boolean {
  if (kind !== "Secret") return false;
  const watched = textOf(objectOf(manifest.metadata.annotations)[RELOADER_ANNOTATION]);
  return watched?.split(",").includes(name) === true;
}

/** Undefined when the content as a whole comes or goes. */
function changedKeys(content: readonly FieldChange[]): ReadonlySet<string> | undefined {
  const keys = content.map(({ path }) => stepsOf(path)[1]);
  return keys.includes(undefined) ? undefined : new Set(keys.flatMap((key) => key ?? []));
}

function touches({ keys }: Reading, changed: ReadonlySet<string> | undefined): boolean {
  return keys === undefined || changed === undefined || keys.some((key) => changed.has(key));
}

function byWorkload(readings: readonly Reading[]): Map<Workload, Reading[]> {
  const groups = new Map<Workload, Reading[]>();
  for (const reading of readings) groups.set(reading.workload, [...(groups.get(reading.workload) ?? []), reading]);
  return groups;
}
