import { main } from "../../cli/main";
import type { Ended } from "./support";

type Stream = typeof process.stdout | typeof process.stderr;

/**
 * Runs `noetl-ops ARGS` inside this process, which saves the second that starting one takes: for all that does not need
 * a process of its own to be proven, as signals, standard input and the process's end do.
 *
 * @param env Variables it gets beside PATH. Default: none.
 */
export async function ran(args: string[], { env = {} }: { env?: Record<string, string> } = {}): Promise<Ended> {
  const { env: formerEnv, exitCode } = process;
  const [out, err] = [captured(process.stdout), captured(process.stderr)];
  process.env = { PATH: process.env.PATH, ...env };
  process.exitCode = undefined;
  try {
    const status = await main(args);
    return { status, stdout: out.text(), stderr: err.text() };
  } finally {
    Object.assign(process, { env: formerEnv, exitCode });
    out.release();
    err.release();
  }
}

/** Keeps what is written to a stream, as if it were a pipe. */
function captured(stream: Stream): { text: () => string; release: () => void } {
  const former = { write: stream.write.bind(stream), isTTY: stream.isTTY };
  const listeners = stream.listeners("error");
  let text = "";
  stream.write = (chunk: string | Uint8Array) => {
    text += chunk.toString();
    return true;
  };
  stream.isTTY = false;
  return {
    text: () => text,
    release: () => {
      Object.assign(stream, former);
      for (const listener of stream.listeners("error")) {
        if (!listeners.includes(listener)) stream.off("error", listener as () => void);
      }
    },
  };
}
