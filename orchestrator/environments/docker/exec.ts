import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";

/** How a command in a container ended. */
export interface Ran {
  /** Undefined: it took too long. */
  code: number | undefined;
  /** Both streams as they came, from the end of what is longer than 64 KiB. */
  output: string;
}

const MOST_OUTPUT = 64 * 1024;
/** Milliseconds between two looks whether an ended command has its exit code. */
const LOOK_MS = 50;

/** Runs a command in a container; what takes longer than so many milliseconds is left to itself. */
export async function runIn(
  container: Dockerode.Container,
  command: readonly string[],
  ms: number,
  signal?: AbortSignal,
): Promise<Ran> {
  const exec = await container.exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  let output = "";
  const both = new PassThrough();
  both.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-MOST_OUTPUT)));
  (container.modem as Dockerode["modem"]).demuxStream(stream, both, both);
  const hasEnded = await new Promise<boolean>((resolve, reject) => {
    const late = setTimeout(() => {
      resolve(false);
    }, ms);
    const stop = () => {
      reject(signal?.reason as Error);
    };
    const end = () => {
      resolve(true);
    };
    if (signal?.aborted === true) stop();
    signal?.addEventListener("abort", stop, { once: true });
    stream.once("end", end);
    stream.once("close", end);
    stream.once("error", reject);
    stream.once("close", () => {
      clearTimeout(late);
      signal?.removeEventListener("abort", stop);
    });
  }).finally(() => {
    (stream as unknown as { destroy: () => void }).destroy();
  });
  if (!hasEnded) return { code: undefined, output };
  for (;;) {
    const { Running: isRunning, ExitCode: code } = await exec.inspect();
    if (!isRunning) return { code: code ?? undefined, output };
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
