import { bytesText, quantityOf } from "../amounts";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, listOf, textOf } from "../json";
import type { NatsConf } from "../nats/conf";
import { natsServersOf } from "../nats/servers";
import type { Container, Workload } from "../workloads";
import { type Check, type Finding } from "./check";

/** How much of its volume or limit a store may take before it is a warning: indexes and raft logs need room, too. */
const MOST = 0.8;

/**
 * nats-server believes its max_file_store, not the disk: when the volume is full before, writes fail, streams stop and
 * a restart does not mend it (seen with nats-server 2.15). A memory store beyond the container's limit gets the server
 * killed. In nats.conf `5GB` is binary, 5 × 2³⁰, so it fills a 5Gi volume exactly.
 */
export const jetstreamVolume: Check = {
  id: "jetstream-volume",
  title: "JetStream's stores leave a fifth of the volume and of the memory limit free.",
  run: ({ graph, workloads }) =>
    [...natsServersOf(graph, workloads).values()].flatMap(({ workload, conf }) => {
      if (!conf.jetstream) return [];
      const container = workload.containers[0];
      return [...fileFindings(workload, conf, graph), ...(container ? memoryFindings(workload, container, conf) : [])];
    }),
};

function fileFindings(workload: Workload, { fileStore: file, storeDir }: NatsConf, graph: ResourceGraph): Finding[] {
  if (file === undefined) return [];
  const section = sectionOf(workload);
  const volume = volumeAt(workload, storeDir, graph);
  if (!volume) {
    return [
      finding(
        workload,
        "warning",
        `streams lie in ${storeDir}, which is on no volume: they are lost with the pod`,
        `mount a volume claim at the store's directory (${section}.storage)`,
      ),
    ];
  }
  return tooLarge(file, volume.storage, (severity, share) =>
    finding(
      workload,
      severity,
      `max_file_store ${bytesText(file)} is ${share} of the ${bytesText(volume.storage)} volume '${volume.name}'`,
      `raise ${section}.storage to ${bytesText(Math.ceil(file / MOST / 2 ** 20) * 2 ** 20)}, or lower ${section}.jetstream.file to ${bytesText(roundDown(volume.storage * MOST))}`,
    ),
  );
}

function memoryFindings(workload: Workload, container: Container, { memoryStore: memory }: NatsConf): Finding[] {
  const limit = container.limits.memory;
  if (memory === undefined || limit === undefined) return [];
  const section = sectionOf(workload);
  return tooLarge(memory, limit, (severity, share) =>
    finding(
      workload,
      severity,
      `max_memory_store ${bytesText(memory)} is ${share} of the ${bytesText(limit)} memory limit`,
      `raise ${section}.resources.limits.memory, or lower ${section}.jetstream.memory to ${bytesText(roundDown(limit * MOST))}`,
    ),
  );
}

/** Where its settings stand in the stack file. */
function sectionOf({ resource: { urn } }: Workload): string {
  return urn.includes("noetl:nats:NatsSupercluster$") ? "noetl:natsSupercluster" : "noetl:nats";
}

function tooLarge(
  size: number,
  room: number,
  report: (severity: Finding["severity"], share: string) => Finding,
): Finding[] {
  if (size <= room * MOST) return [];
  const share = `${Math.round((size / room) * 100)} %`;
  return [report(size > room ? "error" : "warning", size > room ? share : `${share} (more than ${MOST * 100} %)`)];
}

function finding(workload: Workload, severity: Finding["severity"], message: string, fix: string): Finding {
  return { severity, rule: jetstreamVolume.id, resource: workload.resource.urn, message, fix };
}

/** The volume claim mounted at or above a directory, with its bytes. */
function volumeAt(
  workload: Workload,
  directory: string,
  graph: ResourceGraph,
): { name: string; storage: number } | undefined {
  const mount = workload.containers
    .flatMap(({ mounts }) => mounts)
    .filter(({ path }) => directory === path || directory.startsWith(path.endsWith("/") ? path : `${path}/`))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (!mount) return undefined;
  const template = workload.volumeClaims.find(({ name }) => name === mount.volume);
  if (template?.storage !== undefined) return { name: template.name, storage: template.storage };
  const volume = listOf(workload.podSpec.volumes).find((item) => at(item, "name") === mount.volume);
  const claim = textOf(at(volume, "persistentVolumeClaim", "claimName"));
  for (const resource of claim === undefined ? [] : graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "PersistentVolumeClaim" || manifest.metadata.name !== claim) continue;
    if ((manifest.metadata.namespace ?? "default") !== workload.namespace) continue;
    const storage = quantityOf(at(manifest.spec, "resources", "requests", "storage"));
    if (storage !== undefined) return { name: manifest.metadata.name, storage };
  }
  return undefined;
}

/** Down to a whole 64Mi, so that the advice is a number people write. */
function roundDown(bytes: number): number {
  const step = 64 * 2 ** 20;
  return bytes < step ? Math.floor(bytes) : Math.floor(bytes / step) * step;
}
