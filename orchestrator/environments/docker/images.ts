import type Dockerode from "dockerode";
import { EnvironmentError, PullFailed } from "../errors";
import { isStatus, messageOf } from "./client";

/** An image on the Docker host. */
export interface Image {
  /** As it was asked for. */
  name: string;
  /** `sha256:…`: what its containers run, whatever its name means later. */
  id: string;
  /** Its digest in a registry; undefined for one that was loaded or built. */
  digest: string | undefined;
}

/** How far a pull is. */
export interface Bytes {
  done: number;
  total: number;
}

export interface PullOptions {
  /** Never pull. */
  offline: boolean;
  signal: AbortSignal;
  /** Hears that it is not there yet. */
  onPull: () => Promise<void>;
  onProgress: (progress: Bytes) => void;
}

/** The image, pulled where it is not there yet. @throws EnvironmentError, PullFailed */
export async function imageOf(docker: Dockerode, name: string, options: PullOptions): Promise<Image> {
  const there = await inspected(docker, name);
  if (there) return there;
  if (options.offline) {
    const message = `image ${name} is not on the Docker host, and --offline forbids to pull it: load it there with docker load`;
    throw new EnvironmentError("image-missing", message);
  }
  await options.onPull();
  await pulled(docker, name, options);
  const now = await inspected(docker, name);
  if (!now) throw new EnvironmentError("image-unknown", `image ${name} was pulled, and is not there`);
  return now;
}

async function inspected(docker: Dockerode, name: string): Promise<Image | undefined> {
  try {
    const { Id: id, RepoDigests } = await docker.getImage(name).inspect();
    const digests = RepoDigests as string[] | null;
    return { name, id, digest: digests?.[0]?.split("@")[1] };
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
}

interface PullEvent {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

async function pulled(docker: Dockerode, name: string, { signal, onProgress }: PullOptions): Promise<void> {
  const layers = new Map<string, Bytes>();
  try {
    const stream = await docker.pull(name, { abortSignal: signal });
    await new Promise<void>((resolve, reject) => {
      docker.modem.followProgress(
        stream,
        (error) => {
          if (error) reject(error);
          else resolve();
        },
        ({ id, status, error, progressDetail: { current, total } = {} }: PullEvent) => {
          if (error !== undefined) reject(new Error(error));
          // A layer that is unpacked afterwards begins anew at nothing.
          if (status !== "Downloading" && status !== "Extracting") return;
          if (id === undefined || current === undefined || total === undefined) return;
          layers.set(id, { done: status === "Downloading" ? current : total, total });
          const all = [...layers.values()];
          onProgress({
            done: all.reduce((sum, layer) => sum + layer.done, 0),
            total: all.reduce((sum, layer) => sum + layer.total, 0),
          });
        },
      );
    });
  } catch (error) {
    signal.throwIfAborted();
    const message = messageOf(error);
    if (
      isStatus(error, 404) ||
      /manifest unknown|not found|does not exist|access denied|invalid reference/i.test(message)
    ) {
      throw new EnvironmentError(
        "image-unknown",
        `there is no image ${name}: ${message}; correct its name, tag or digest`,
      );
    }
    if ((error as { code?: string }).code !== undefined) throw error;
    throw new PullFailed(
      `image ${name} cannot be pulled: ${message}; its registry must answer, or docker load bring it`,
    );
  }
}
