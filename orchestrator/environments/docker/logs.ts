import { PassThrough } from "node:stream";
import type Dockerode from "dockerode";

/** A line that a container has printed. */
export interface ContainerLine {
  /** As Docker tells it, in nanoseconds. */
  at: string;
  container: string;
  stream: "stdout" | "stderr";
  text: string;
}

export interface LogOptions {
  follow: boolean;
  /** Last lines of each container. Default: all. */
  tail?: number | undefined;
}

/** Lines of containers, each container's in its order; when followed, until all have ended or nobody reads on. */
export async function* linesOf(
  containers: readonly { name: string; container: Dockerode.Container }[],
  options: LogOptions,
): AsyncGenerator<ContainerLine> {
  const abort = new AbortController();
  const merged = new PassThrough({ objectMode: true });
  let open = containers.length;
  const close = () => {
    if (--open === 0) merged.end();
  };
  if (open === 0) return;
  try {
    await Promise.all(
      containers.map(async ({ name, container }) => {
        const stream = await stillOrFollowed(container, options, abort.signal);
        for (const part of ["stdout", "stderr"] as const) stream[part].on("data", toLines(name, part, merged));
        stream.source.once("end", close).once("error", close);
      }),
    );
    yield* merged as AsyncIterable<ContainerLine>;
  } finally {
    abort.abort();
  }
}

async function stillOrFollowed(container: Dockerode.Container, { follow, tail }: LogOptions, abortSignal: AbortSignal) {
  const options = { stdout: true, stderr: true, timestamps: true, ...(tail !== undefined && { tail }) };
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const source: NodeJS.ReadableStream = follow
    ? await container.logs({ ...options, follow: true, abortSignal })
    : new PassThrough().end(await container.logs({ ...options, follow: false, abortSignal }));
  (container.modem as Dockerode["modem"]).demuxStream(source, stdout, stderr);
  return { source, stdout, stderr };
}

function toLines(container: string, stream: "stdout" | "stderr", merged: PassThrough): (chunk: Buffer) => void {
  let rest = "";
  return (chunk) => {
    const lines = (rest + chunk.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const [at = "", ...words] = line.split(" ");
      merged.write({ at, container, stream, text: words.join(" ") } satisfies ContainerLine);
    }
  };
}
