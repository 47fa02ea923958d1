import { isDeepStrictEqual } from "node:util";
import type { Platform } from "../../preview/checks";
import type { ChangedBy, LiveFacts, Owner } from "../../preview/diff/live";
import { fieldChanges } from "../../preview/field-changes";
import { manifestOf, SECRET, type Json, type Manifest, type Resource, type ResourceGraph } from "../../preview/graph";
import { at, isObject, listOf, objectOf, textOf, type JsonObject } from "../../preview/json";
import { isByOthers, nameOf, plannedObjects, type Planned } from "../adopt/objects";
import type { ClusterApi } from "../cluster/api";
import { bare, liveObjects, reasonsOf, tryOut, type Live } from "../cluster/live";
import { has, isByHand, managersOf, type Manager } from "./managers";
import { counterpart, fingerprint, masked } from "./mask";
import { withRights } from "./rights";

/** The cluster as a graph that can be compared with the program's, and what is known of who changed it. */
export interface Drift {
  /** The objects of the program as the cluster has them. */
  live: ResourceGraph;
  /** The objects of the program as the cluster would have them, with every default. */
  program: ResourceGraph;
  facts: LiveFacts;
  notes: string[];
}

/** Who asks, in the API server's eyes; a dry run leaves no trace of it. */
const MANAGER = "noetl-ops-diff";

/**
 * Compares a cluster with the program by dry runs of server-side apply, so that defaults are on both sides. Changes
 * nothing. Of Secrets, values are fingerprints.
 *
 * @throws UserError when the API server does not answer, or a right is missing
 */
export async function driftOf({ graph }: Platform, api: ClusterApi): Promise<Drift> {
  const planned = plannedObjects(graph);
  return withRights(planned, api, () => compare(graph, planned, api));
}

async function compare(graph: ResourceGraph, planned: readonly Planned[], api: ClusterApi): Promise<Drift> {
  const found = await liveObjects(planned, api, fingerprint);
  const byName = new Map(found.map((object) => [nameOf(object), object]));
  const names = new Set(planned.map(({ manifest }) => nameOf(manifest)));
  const drift: Drift = {
    live: { ...graph, resources: [] },
    program: { ...graph, resources: [] },
    facts: { changedBy: [], added: [], unknown: [] },
    notes: [],
  };
  const compared = await Promise.all(
    graph.resources.map(async (resource) => {
      const manifest = resource.custom ? manifestOf(resource) : undefined;
      const live = manifest && byName.get(nameOf(manifest));
      return { resource, manifest, pair: manifest && live ? await pairOf(manifest, live, api) : undefined };
    }),
  );
  for (const { resource, manifest, pair } of compared) {
    if (!manifest) continue;
    if (pair) take(drift, resource, manifest, pair);
    // Its name rests on what an update generates, or it is gone since it has ended.
    else if (manifest.kind === "Job")
      drift.notes.push(`${nameOf(manifest)} is not there: a Job may have another name, or be gone after its end`);
    else drift.program.resources.push(resource);
  }
  const claims = planned.flatMap(({ manifest }) => claimsOf(manifest));
  drift.facts.unknown = found
    .filter((object) => !names.has(nameOf(object)) && !isByOthers(object))
    .map(nameOf)
    .filter((name) => !claims.some((claim) => claim.test(name)))
    .sort();
  return drift;
}

/** Names of the claims that a StatefulSet makes, though nothing in them says so. */
function claimsOf({ kind, metadata: { namespace = "", name }, spec }: Manifest): RegExp[] {
  if (kind !== "StatefulSet") return [];
  return listOf(at(spec, "volumeClaimTemplates")).map((template) => {
    const claim = textOf(at(template, "metadata", "name")) ?? "";
    return new RegExp(`^PersistentVolumeClaim ${namespace}/${claim}-${name}-\\d+$`);
  });
}

/** An object on both sides with all defaults, and what somebody has added by hand. */
interface Pair {
  live: JsonObject;
  program: JsonObject;
  managers: Manager[];
  added: { by: Manager; fields: string[] }[];
  /** Why the API server refuses the program's. */
  refused: string[];
}

async function pairOf(manifest: Manifest, live: Live, api: ClusterApi): Promise<Pair> {
  const managers = managersOf(live);
  const now = neutral(bare(live));
  if (manifest.kind === "Secret")
    return { live: now, program: secretOf(manifest, now, managers), managers, added: [], refused: [] };
  const wanted = withLiveSecrets(manifest, live) as Manifest;
  const trial = await tryOut(wanted, api, MANAGER);
  const program = "result" in trial ? neutral(bare(trial.result)) : overlaid(now, wanted);
  const refused = "refused" in trial ? reasonsOf(trial.refused) : [];
  return { live: now, program, managers, added: await addedBy(wanted, program, managers, api), refused };
}

function take(drift: Drift, resource: Resource, manifest: Manifest, pair: Pair): void {
  const { live, program, managers, added, refused } = pair;
  const name = nameOf(manifest);
  drift.live.resources.push({ ...resource, inputs: objectOf(masked(live, program)) });
  drift.program.resources.push({ ...resource, inputs: program });
  const changes = fieldChanges(live, program).map(({ path }) => path);
  for (const by of managers) {
    const fields = changes.filter((path) => has(by.owned, path));
    if (fields.length > 0) drift.facts.changedBy.push(ownership(by, resource, fields));
  }
  for (const { by, fields } of added) drift.facts.added.push({ name, ...ownership(by, resource, fields) });
  for (const reason of refused) drift.notes.push(`${name}: the API server refuses what the program wants: ${reason}`);
}

function ownership({ manager, operation, time }: Owner, { urn }: Resource, fields: string[]): ChangedBy {
  return { resource: urn, manager, operation, ...(time !== undefined && { time }), fields };
}

/** What people have added to an object that the program does not have, and that stays; never what the server fills in. */
async function addedBy(manifest: Manifest, after: JsonObject, managers: Manager[], api: ClusterApi) {
  const found = managers.filter(isByHand).flatMap((by) => {
    const owned = neutral(bare(by.owned));
    const paths = fieldChanges(manifest, owned).flatMap(({ path, before }) => (before === undefined ? [path] : []));
    const fields = paths.filter((path) => has(after, path) && !isOwnBusiness(path));
    return fields.length === 0 ? [] : [{ by, fields }];
  });
  if (found.length === 0) return [];
  // Who made an object with an update owns its defaults, too. Those are what an object of another name gets.
  const { metadata } = manifest;
  const trial = await tryOut(
    { ...manifest, metadata: { ...metadata, name: `${metadata.name.slice(0, 50)}-diff` } },
    api,
    MANAGER,
  );
  const fresh = "result" in trial ? bare(trial.result) : {};
  return found.flatMap(({ by, fields }) => {
    const left = fields.filter((path) => !has(fresh, path));
    return left.length === 0 ? [] : [{ by, fields: left }];
  });
}

/** What tools write down for themselves. */
function isOwnBusiness(path: string): boolean {
  return /^(status|apiVersion|kind|metadata\.(name|namespace|finalizers|generateName|ownerReferences))\b|last-applied-configuration|pulumi\.com\//.test(
    path,
  );
}

/** Without what is no setting of the program's: replicas that an autoscaler chooses are taken from the other side. */
function neutral(object: JsonObject): JsonObject {
  const { status: _status, ...rest } = object;
  const annotations = Object.entries(objectOf(at(rest, "metadata", "annotations"))).filter(
    ([key]) => !isOwnBusiness(key),
  );
  const { annotations: _annotations, ...metadata } = objectOf(rest.metadata);
  return {
    ...rest,
    metadata: { ...metadata, ...(annotations.length > 0 && { annotations: Object.fromEntries(annotations) }) },
  };
}

/** Keys are compared; a value counts as changed when somebody has set it by hand. */
function secretOf(manifest: Manifest, live: JsonObject, managers: Manager[]): JsonObject {
  const wants = Object.keys({ ...objectOf(manifest.data), ...objectOf(manifest.stringData) });
  const data = objectOf(live.data);
  const byHand = managers.filter(isByHand);
  const kept = Object.entries(data).filter(([key]) => !wants.includes(key));
  const own = wants.map((key): [string, Json] => {
    const value = data[key];
    const changed = value === undefined || byHand.some(({ owned }) => objectOf(owned.data)[key] !== undefined);
    return [key, changed ? SECRET : value];
  });
  return { ...live, ...(own.length + kept.length > 0 && { data: Object.fromEntries([...kept, ...own]) }) };
}

/** The program's object with the live value wherever an offline render does not know it. */
function withLiveSecrets(value: Json, live: Json | undefined): Json {
  if (typeof value === "string") return value.includes(SECRET) && live !== undefined ? live : value;
  if (Array.isArray(value)) {
    return value.map((item, index) => withLiveSecrets(item, counterpart(item, index, live)));
  }
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, withLiveSecrets(item, objectOf(live)[key])]),
  );
}

/** The live object with the program's fields over it: what the API server would have made of it, had it not refused. */
function overlaid(live: Json, program: Json): JsonObject {
  const merged = (under: Json | undefined, over: Json): Json => {
    if (Array.isArray(over)) return over.map((item, index) => merged(counterpart(item, index, under), item));
    if (!isObject(under) || !isObject(over) || isDeepStrictEqual(under, over)) return over;
    const entries = Object.entries(over).map(([key, value]): [string, Json] => [key, merged(under[key], value)]);
    return { ...under, ...Object.fromEntries(entries) };
  };
  return objectOf(merged(live, program));
}
