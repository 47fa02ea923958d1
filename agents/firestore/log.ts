/** Levels of Google Cloud Logging, which reads `severity` of each line. */
export type Severity = "DEBUG" | "INFO" | "WARNING" | "ERROR";

const ORDER: readonly Severity[] = ["DEBUG", "INFO", "WARNING", "ERROR"];

/** Writes lines of JSON. What callers send and get never belongs into one: it may be secret. */
export type Log = (severity: Severity, message: string, facts?: Readonly<Record<string, unknown>>) => void;

/**
 * A log of everything from a level on.
 *
 * @param write Takes whole lines. To standard error, because standard output belongs to the protocol.
 */
export function logTo(write: (line: string) => void, least: Severity, now: () => Date): Log {
  return (severity, message, facts = {}) => {
    if (ORDER.indexOf(severity) < ORDER.indexOf(least)) return;
    write(`${JSON.stringify({ severity, time: now().toISOString(), message, ...facts })}\n`);
  };
}

/** An error as the log may have it: its class and where it was thrown. Its message may hold what a caller sent. */
export function traceOf(error: unknown): { error: string; at: string[] } {
  if (!(error instanceof Error)) return { error: typeof error, at: [] };
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return { error: error.name, at: frames.slice(0, 10).map((line) => line.trim()) };
}
