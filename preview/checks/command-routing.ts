import { covers } from "../../components/nats/subject";
import { envValue, type Check, type CheckContext } from "./check";

/** Segments that the server publishes commands to whatever a playbook says: its own steps, and everybody's. */
const SEGMENTS = ["system", "shared"];

/**
 * A command that no pool takes waits for ever, and the execution stays RUNNING without an error. The server sends the
 * steps of a playbook to `noetl.commands.shared.ID`, and its own orchestration between them to
 * `noetl.commands.system.ID`.
 */
export const commandRouting: Check = {
  id: "command-routing",
  title: "Some worker pool takes the commands of each segment that the server sends to.",
  run: (context) => {
    // Without a server in the graph nobody sends commands.
    if (valuesOf(context, "NOETL_PUBLIC_SERVER_URL").length === 0) return [];
    const filters = valuesOf(context, "NATS_FILTER_SUBJECT");
    return SEGMENTS.filter((segment) => !filters.some((filter) => covers(filter, `noetl.commands.${segment}.ID`))).map(
      (segment) => ({
        severity: "warning" as const,
        rule: commandRouting.id,
        resource: "noetl:workerPools",
        message: `no worker pool takes noetl.commands.${segment}.>: executions that need it stay RUNNING for ever`,
        fix: `add an entry to noetl:workerPools with filterSubject: noetl.commands.${segment}.>`,
      }),
    );
  },
};

/** The values of a variable in all containers. */
function valuesOf({ workloads }: CheckContext, variable: string): string[] {
  const containers = workloads.flatMap((workload) => workload.containers);
  return containers.flatMap((container) => envValue(container, variable) ?? []);
}
