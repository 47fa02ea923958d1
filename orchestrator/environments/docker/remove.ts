import type Dockerode from "dockerode";
import { isStatus } from "./client";
import { LABELS } from "./labels";

/** Milliseconds between two looks whether all is gone, and how many looks. */
const LOOK_MS = 100;
const LOOKS = 300;

/** Removes all that an environment has: containers with their volumes, its network, its volumes. */
export async function removeAll(docker: Dockerode, environment: string): Promise<void> {
  const filters = { label: [`${LABELS.environment}=${environment}`] };
  for (let look = 0; look < LOOKS; look++) {
    const containers = await docker.listContainers({ all: true, filters });
    await Promise.all(containers.map(({ Id }) => tolerant(docker.getContainer(Id).remove({ force: true, v: true }))));
    const networks = await docker.listNetworks({ filters });
    await Promise.all(networks.map(({ Id }) => tolerant(docker.getNetwork(Id).remove())));
    const volumes = await volumesBy(docker, filters);
    await Promise.all(volumes.map(({ Name }) => tolerant(docker.getVolume(Name).remove())));
    if (containers.length + networks.length + volumes.length === 0) return;
    // What was just removed is looked for once more; what is busy gets a moment.
    if (look > 0) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  throw new Error(`environment ${environment}: Docker does not remove all of it`);
}

/** Ids of environments of which anything is there, with whose they are. */
export async function foundEnvironments(docker: Dockerode): Promise<Map<string, { owner: string; expiresAt: number }>> {
  const filters = { label: [LABELS.environment] };
  const [containers, networks, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters }),
    docker.listNetworks({ filters }),
    volumesBy(docker, filters),
  ]);
  const found = new Map<string, { owner: string; expiresAt: number }>();
  for (const { Labels: labels } of [...containers, ...networks, ...volumes]) {
    const { [LABELS.environment]: id, [LABELS.owner]: owner = "", [LABELS.expires]: expires } = labels ?? {};
    if (id !== undefined) found.set(id, { owner, expiresAt: Number(expires) });
  }
  return found;
}

async function volumesBy(docker: Dockerode, filters: { label: string[] }) {
  const { Volumes } = await docker.listVolumes({ filters });
  return (Volumes as typeof Volumes | null) ?? [];
}

/** Gone already, being removed, or still in use: the next look tells. */
async function tolerant(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    if (!isStatus(error, 403, 404, 409)) throw error;
  }
}
