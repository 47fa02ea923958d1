import type { ContainerCreateOptions } from "dockerode";
import type { ContainerPlan } from "../plan";
import { LABELS, labelsOf, type Ownership } from "./labels";

const MIB = 1024 * 1024;

export interface ContainerPlace extends Ownership {
  network: string;
  /** `sha256:…` */
  imageId: string;
  /** Whether the storage driver can limit what a container writes to its root. */
  canLimitDisk: boolean;
}

/** Docker's name of a container, or of the network. */
export function dockerName(environment: string, container?: string): string {
  return container === undefined ? `noetl-${environment}` : `noetl-${environment}-${container}`;
}

/** What Docker is asked for: nothing more is allowed in the container than its plan says. */
export function createOptions(plan: ContainerPlan, place: ContainerPlace): ContainerCreateOptions {
  const { resources, readOnly, networkOf, command, user, env, node, name, privileged } = plan;
  const bytes = resources.memory_mb * MIB;
  return {
    name: dockerName(place.environment, name),
    Image: place.imageId,
    // As the command, not as arguments of the image's own.
    ...(command && { Entrypoint: command, Cmd: [] }),
    ...(user !== undefined && { User: user }),
    // Docker refuses a name of its own in the network of another.
    ...(networkOf === undefined && { Hostname: node }),
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    Labels: { ...labelsOf(place), [LABELS.container]: name, [LABELS.node]: node, [LABELS.image]: plan.image },
    HostConfig: {
      NetworkMode: networkOf === undefined ? place.network : `container:${dockerName(place.environment, networkOf)}`,
      NanoCpus: resources.cpu_millicores * 1_000_000,
      Memory: bytes,
      // The same: no swap beside it.
      MemorySwap: bytes,
      PidsLimit: resources.pids,
      ReadonlyRootfs: readOnly,
      Tmpfs: Object.fromEntries(["/tmp", "/run", ...plan.writable].map((path) => [path, tmpfs(plan)])),
      ...(!readOnly && place.canLimitDisk && { StorageOpt: { size: `${resources.disk_mb}M` } }),
      Privileged: privileged,
      ...(!privileged && { CapDrop: ["ALL"], SecurityOpt: ["no-new-privileges"] }),
      IpcMode: "private",
      RestartPolicy: { Name: "no" },
      // Logs are disk, too.
      LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "1" } },
      PublishAllPorts: false,
    },
    ...(networkOf === undefined && {
      NetworkingConfig: { EndpointsConfig: { [place.network]: { Aliases: [node] } } },
    }),
  };
}

function tmpfs({ resources, privileged }: ContainerPlan): string {
  const flags = privileged ? "rw,exec" : "rw,nosuid,nodev,noexec";
  return `${flags},size=${resources.disk_mb}m,mode=1777`;
}

/** A network that nothing leads into or out of: not even this host has an address in it. */
export function networkOptions(place: Ownership, subnet: string) {
  return {
    Name: dockerName(place.environment),
    Driver: "bridge",
    Internal: true,
    CheckDuplicate: true,
    EnableIPv6: false,
    IPAM: { Driver: "default", Config: [{ Subnet: subnet }] },
    // Without an address on its bridge the host has no route to forward by, whatever its firewall does.
    Options: { "com.docker.network.bridge.inhibit_ipv4": "true" },
    Labels: labelsOf(place),
  };
}
