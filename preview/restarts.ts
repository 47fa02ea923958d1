import type { Difference } from "./difference";

/** What an update does to pods. */
export interface Restarts {
  /** Workloads whose pods are replaced one after another. */
  restarting: readonly string[];
  /** Workloads that come, with all their pods. */
  started: readonly string[];
  /** Workloads that go, with all their pods. */
  stopped: readonly string[];
  /** Everything else that changes. */
  others: readonly string[];
}

const WORKLOADS: readonly string[] = ["Deployment", "StatefulSet", "DaemonSet"];

/** Which pods a difference between two renders restarts: those whose template changes. */
export function restartsOf({ added, removed, changed }: Difference): Restarts {
  const isWorkload = ({ kind }: { kind: string }): boolean => WORKLOADS.includes(kind);
  const restarts = ({ kind, fields }: Difference["changed"][number]): boolean =>
    isWorkload({ kind }) && fields.some(({ path }) => path.startsWith("spec.template"));
  const named = ({ kind, name }: { kind: string; name: string }): string => `${kind} ${name}`;
  return {
    restarting: changed.filter(restarts).map(named),
    started: added.filter(isWorkload).map(named),
    stopped: removed.filter(isWorkload).map(named),
    others: [
      ...changed.filter((change) => !restarts(change)),
      ...[...added, ...removed].filter((change) => !isWorkload(change)),
    ].map(named),
  };
}

/** The same for people, a line for each kind of effect; nothing where nothing changes. */
export function restartsText({ restarting, started, stopped, others }: Restarts): string {
  const list = (word: string, names: readonly string[]): string[] =>
    names.length === 0 ? [] : [`  ${word.padEnd(8)} ${names.join(", ")}\n`];
  return [
    ...list("restarts", restarting),
    ...list("starts", started),
    ...list("stops", stopped),
    ...list("changes", others),
  ].join("");
}
