import { writeSync } from "node:fs";

/** A file, a pipe or a terminal. */
interface Output {
  readonly fd: number;
  write(text: string): unknown;
}

/**
 * Writes log entries, a JSON object with the time a line. Those of one turn of the event loop are written together: a
 * write for each would be most of what a small request costs. What waits when the process ends is written then.
 */
export function logTo(output: Output): (entry: object) => void {
  let waiting = "";
  // Many entries come in one millisecond, and its text is a third of what an entry costs.
  let [at, time] = [NaN, ""];
  const flush = (write: (text: string) => unknown) => {
    const text = waiting;
    waiting = "";
    if (text !== "") write(text);
  };
  process.once("exit", () => {
    flush((text) => writeSync(output.fd, text));
  });
  return (entry) => {
    if (waiting === "") {
      setImmediate(() => {
        flush((text) => output.write(text));
      });
    }
    const text = JSON.stringify(entry);
    const now = Date.now();
    if (now !== at) [at, time] = [now, new Date(now).toISOString()];
    waiting += `{"time":"${time}"${text === "{}" ? "" : ","}${text.slice(1)}\n`;
  };
}
