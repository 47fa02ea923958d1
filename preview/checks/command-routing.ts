import { covers } from "../../components/nats/subject";
import type { Container } from "../workloads";
import { envValue, type Check, type CheckContext } from "./check";

/** Segments that the server publishes commands to whatever a playbook says: its own steps, and everybody's. */
const SEGMENTS = ["system", "shared"];

/**
 * A command that no pool takes waits for ever, and the execution stays RUNNING without an error. The server sends the
 * steps of a playbook to `noetl.commands.shared.ID`, its own orchestration between them to `noetl.commands.system.ID`,
 * and those that a subscription starts to the segment that the subscription names.
 */
export const commandRouting: Check = {
  id: "command-routing",
  title: "Some worker pool takes the commands of each segment that the server sends to.",
  run: (context) => {
    // Without a server in the graph nobody sends commands.
    if (valuesOf(context, "NOETL_PUBLIC_SERVER_URL").length === 0) return [];
    const filters = takenSubjects(context);
    const segments = new Set([...SEGMENTS, ...context.config.subscriptions.map(({ segment }) => segment)]);
    return [...segments]
      .filter((segment) => !filters.some((filter) => covers(filter, `noetl.commands.${segment}.ID`)))
      .map((segment) => ({
        severity: "warning" as const,
        rule: commandRouting.id,
        resource: segment === "system" ? "noetl:systemPool" : "noetl:workerPools",
        message: `no worker pool takes noetl.commands.${segment}.>: executions that need it stay RUNNING for ever`,
        fix:
          segment === "system"
            ? "give noetl:systemPool at least one replica, and subject: noetl.commands"
            : `add an entry to noetl:workerPools with filterSubject: noetl.commands.${segment}.>`,
      }));
  },
};

/** The subjects that pools with pods take commands of. */
function takenSubjects({ workloads }: CheckContext): string[] {
  const running = workloads.filter(({ replicas }) => replicas.autoscaled || replicas.count > 0);
  return running.flatMap(({ containers }) => containers.flatMap(subjectsOf));
}

/** A Rust worker is given its filter, a Python worker the segments that it makes its filters of. */
function subjectsOf(container: Container): string[] {
  const filter = envValue(container, "NATS_FILTER_SUBJECT");
  const segments = envValue(container, "NOETL_WORKER_POOL_SEGMENTS")?.split(",") ?? [];
  const subject = envValue(container, "NATS_SUBJECT") ?? "";
  return [...(filter === undefined ? [] : [filter]), ...segments.map((segment) => `${subject}.${segment}.>`)];
}

/** The values of a variable in all containers. */
function valuesOf({ workloads }: CheckContext, variable: string): string[] {
  const containers = workloads.flatMap((workload) => workload.containers);
  return containers.flatMap((container) => envValue(container, variable) ?? []);
}
