import { isDeepStrictEqual } from "node:util";
import { fieldChanges } from "../../preview/field-changes";
import type { Json, Manifest } from "../../preview/graph";
import { at, type JsonObject, objectOf } from "../../preview/json";
import { bare, reasonsOf, type Trial } from "../cluster/live";

/** What an update would do to a live object. */
export interface Verdict {
  /** Paths that would change. Values are never told: live manifests hold passwords in plain text. */
  changed: string[];
  /** Paths of items that the program does not have and that would stay, because another manager owns them. */
  kept: string[];
  /** Why it cannot be taken over as it is. */
  refused: string[];
}

/** Compares a live object with what it would be, as the API server says: with every default filled in. */
export function judge(planned: Manifest, live: JsonObject, trial: Trial): Verdict {
  if ("refused" in trial) return { changed: [], kept: [], refused: reasonsOf(trial.refused) };
  const after = bare(trial.result);
  const changed = fieldChanges(bare(live), after).map(({ path }) => path);
  const kept = fieldChanges(planned as Json, after).flatMap(({ path, before }) =>
    before === undefined && isItem(path) ? [path] : [],
  );
  const beside = kept.filter((path) => CONTAINER.test(path)).map((path) => `${path}: ${BESIDE}`);
  return { changed: changed.sort(), kept: kept.sort(), refused: beside.sort() };
}

/** What a live container of another name would do. */
export const BESIDE = "would go on running beside the program's container";

const CONTAINER = /\.containers\[[^\]]+\]$/;

/** Compares two Secrets by the names of their keys; the values of a program are not known before it runs. */
export function judgeSecret(planned: Manifest, live: JsonObject): Verdict {
  const has = new Set(Object.keys(objectOf(live.data)));
  const wants = Object.keys({ ...objectOf(planned.data), ...objectOf(planned.stringData) });
  const kept = [...has].filter((key) => !wants.includes(key)).map((key) => `data.${key}`);
  const changed = wants.filter((key) => !has.has(key)).map((key) => `data.${key}`);
  const type = planned.type ?? "Opaque";
  const refused = type === live.type ? [] : [`type: ${JSON.stringify(type)} is wanted, and cannot be changed`];
  return { changed: changed.sort(), kept: kept.sort(), refused };
}

/** Paths whose change makes Pulumi replace an object; it compares as written, without the API server's defaults. */
const REPLACED: Record<string, string[][]> = {
  Deployment: [["spec", "selector"]],
  StatefulSet: ["selector", "serviceName", "podManagementPolicy", "volumeClaimTemplates"].map((key) => ["spec", key]),
  Service: [
    ["spec", "clusterIP"],
    ["spec", "type"],
  ],
  Job: [["spec"]],
  PersistentVolumeClaim: [["spec"]],
  RoleBinding: [["roleRef"]],
  ClusterRoleBinding: [["roleRef"]],
};

/** Pulumi replaces these whenever their content changes. */
const REPLACED_WHOLE = ["ConfigMap", "Secret"];

/** Whether Pulumi may read the live object first, and would not then replace it. */
export function isImportable(planned: Manifest, live: JsonObject): boolean {
  if (REPLACED_WHOLE.includes(planned.kind)) return false;
  return (REPLACED[planned.kind] ?? []).every((path) => isDeepStrictEqual(at(planned, ...path), at(live, ...path)));
}

/** Whether a path leads to an item of a list that is kept by name, as containers, variables, ports and volumes are. */
function isItem(path: string): boolean {
  return /\[[^"\]]+\]$/.test(path) || /^data\b/.test(path);
}
