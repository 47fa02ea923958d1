import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import { once } from "node:events";
import type { Loaded, LogLine } from "../storage";
import { Copier } from "./copier";
import { identify } from "./marks";
import type { Movable } from "./movable";
import type { Sums } from "./sums";

export const BACKUP_FORMAT = 1;

/** The first line of a backup. */
export interface BackupHead {
  backup: "noetl-orchestrator";
  format: number;
  /** The storage that was copied. */
  of: string;
  at: string;
}

/** What was written, in order: what comes later counts. */
export type BackupRecord = { records: Loaded } | { log: string; lines: readonly LogLine[] };

/** The last line of a backup. */
export interface BackupEnd {
  end: Sums;
  /** Of all bytes before this line. */
  sha256: string;
}

/**
 * Writes a backup of a storage as it is at one moment, while it is used: JSON, a line each. Writes wait for the last of
 * what has changed meanwhile.
 */
export async function writeBackup(
  source: Movable,
  to: Writable,
  {
    now,
    signal,
    onProgress,
  }: { now: () => number; signal?: AbortSignal; onProgress?: (done: number, total: number) => void },
): Promise<Sums> {
  const sha = createHash("sha256");
  const line = async (value: BackupHead | BackupRecord | BackupEnd) => {
    const text = `${JSON.stringify(value)}\n`;
    sha.update(text);
    if (!to.write(text)) await once(to, "drain", signal && { signal });
  };
  const head: BackupHead = {
    backup: "noetl-orchestrator",
    format: BACKUP_FORMAT,
    of: await identify(source),
    at: new Date(now()).toISOString(),
  };
  await line(head);
  const changes = await source.track();
  const target = {
    load: async (records: Loaded) => line({ records }),
    appendLog: async (log: string, lines: readonly LogLine[]) => line({ log, lines }),
    flushLog: () => Promise.resolve(),
  };
  const copier = new Copier(source, target, { changes, ...(signal && { signal }), ...(onProgress && { onProgress }) });
  try {
    await copier.all();
    await copier.catchUp();
    const goOn = await source.hold();
    try {
      await copier.changed();
    } finally {
      goOn();
    }
    const { sums } = copier;
    await line({ end: sums, sha256: sha.copy().digest("hex") });
    return sums;
  } finally {
    source.untrack(changes);
  }
}
