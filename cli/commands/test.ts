import { Command } from "commander";
import { clientOf } from "../service-client";
import { create, creating, machine, type CreateOptions } from "./test-create";
import { environmentCommand } from "./test-environment";
import { topologyCommand } from "./test-topology";
import { ONE, run } from "./test-work";

/** `noetl-ops test`: test environments of an orchestrator. */
export function testCommand(): Command {
  return new Command("test")
    .description("Test taskservs, servers and clusters in containers of their own.")
    .addCommand(quickCommand())
    .addCommand(environmentCommand())
    .addCommand(topologyCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops test quick postgres                          create, run the tests, remove
  noetl-ops test env single redis --auto-start
  noetl-ops test env server web-01 postgres redis --auto-start
  noetl-ops test env cluster --template etcd_cluster --auto-start
  noetl-ops test topology load etcd_cluster | noetl-ops test env cluster etcd --auto-start
  noetl-ops test env list

Exit codes: 0 done, 1 refused, or a test failed, 2 wrong usage.`,
    );
}

function quickCommand(): Command {
  return creating(new Command("quick"))
    .description("Create an environment of one taskserv, run its tests, and remove it.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops test quick postgres
  noetl-ops test quick redis --image redis=docker.io/library/redis:7-alpine`,
    )
    .argument("<taskserv>", "as postgres")
    .action(async (taskserv: string, options: CreateOptions) => {
      const client = clientOf(options);
      const config = { type: "single_taskserv" as const, taskserv, ...machine(options) };
      const { id } = await create(client, config, { ...options, autoStart: true, autoCleanup: true });
      try {
        if (process.exitCode !== 1) await run(client, id, {}, options);
      } finally {
        await client.delete(ONE, { path: { id }, query: { wait: "true" } });
      }
    });
}
