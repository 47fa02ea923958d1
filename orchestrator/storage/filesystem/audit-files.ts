import { join } from "node:path";

/** Bytes after which the audit log goes on in a new file, where nothing else is said. */
export const AUDIT_FILE_BYTES = 64 * 1024 * 1024;

/** The audit log's first file. Each other one is named by the number of its first entry. */
const FIRST = "audit.log";

/** The file of an audit log that begins with an entry. */
export function auditPath(folder: string, first: number): string {
  return join(folder, first === 1 ? FIRST : `audit-${String(first).padStart(15, "0")}.log`);
}

/** Numbers of the first entries of the files of an audit log, among the names of a folder, in order. */
export function auditFiles(names: readonly string[]): number[] {
  return names
    .flatMap((name) => (name === FIRST ? [1] : [Number(/^audit-(\d{15})\.log$/.exec(name)?.[1])]))
    .filter((first) => first > 0)
    .sort((a, b) => a - b);
}
