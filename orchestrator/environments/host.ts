import { EnvironmentError } from "./errors";
import type { ContainerPlan } from "./plan";

/** What the Docker host has. */
export interface HostLimits {
  cpus: number;
  memoryBytes: number;
}

const MIB = 1024 * 1024;

/** @throws EnvironmentError for a container, or all together, that want more than the host has, and for a privileged one */
export function assertFits(containers: readonly ContainerPlan[], host: HostLimits): void {
  const memoryMb = Math.floor(host.memoryBytes / MIB);
  for (const { name, resources } of containers) {
    if (resources.cpu_millicores > host.cpus * 1000) {
      throw tooMuch(name, "cpu_millicores", `${resources.cpu_millicores}`, `${host.cpus * 1000}`);
    }
    if (resources.memory_mb > memoryMb) throw tooMuch(name, "memory_mb", `${resources.memory_mb}`, `${memoryMb}`);
  }
  const sum = containers.reduce((total, { resources }) => total + resources.memory_mb, 0);
  if (sum > memoryMb) throw tooMuch("all containers together", "memory_mb", `${sum}`, `${memoryMb}`);
}

function tooMuch(who: string, what: string, wanted: string, has: string): EnvironmentError {
  const message = `${who}: ${what} ${wanted} is more than the Docker host has (${has}); ask for less`;
  return new EnvironmentError("limit-above-host", message, "config");
}

/** @throws EnvironmentError for containers that the server does not allow */
export function assertAllowed(containers: readonly ContainerPlan[], allowPrivileged: boolean): void {
  const privileged = containers.filter((container) => container.privileged).map(({ name }) => name);
  if (allowPrivileged || privileged.length === 0) return;
  const message = `${privileged.join(", ")}: privileged containers can do anything on the host; the orchestrator allows them only when started with --allow-privileged`;
  throw new EnvironmentError("privileged-refused", message, "config");
}
