import { readFileSync } from "node:fs";
import { Command } from "commander";
import type { EnvironmentConfig } from "../../orchestrator/client";
import { UserError } from "../../stacks/errors";
import { asking, clientOf, print, type Common } from "../service-client";
import { create, creating, machine, type CreateOptions } from "./test-create";
import { detailsText, ONE, run, summary } from "./test-work";

/** Address of what an environment's containers print. */
const LOGS = "/test/environments/{id}/logs";

type Topology = NonNullable<Extract<EnvironmentConfig, { type: "cluster_topology" }>["topology"]>;

/** `noetl-ops test env`: environments, one by one. */
export function environmentCommand(): Command {
  return new Command("env")
    .description("Create, list, run and remove environments.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops test env single redis --auto-start
  noetl-ops test env list
  noetl-ops test env cleanup 4f0c…`,
    )
    .addCommand(
      creating(new Command("single"))
        .description("Create an environment of one taskserv.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env single redis --auto-start
  noetl-ops test env single postgres --name db --ttl 30 --auto-start`,
        )
        .argument("<taskserv>", "as postgres")
        .action(async (taskserv: string, options: CreateOptions) => {
          await create(clientOf(options), { type: "single_taskserv", taskserv, ...machine(options) }, options);
        }),
    )
    .addCommand(
      creating(new Command("server"))
        .description("Create an environment of a server with several taskservs.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env server web-01 postgres redis --auto-start`,
        )
        .argument("<name>", "as web-01")
        .argument("<taskservs...>", "as postgres redis")
        .action(async (name: string, taskservs: string[], options: CreateOptions) => {
          const config = { type: "server_simulation" as const, server_name: name, taskservs, ...machine(options) };
          await create(clientOf(options), config, options);
        }),
    )
    .addCommand(
      creating(new Command("cluster"))
        .description("Create an environment of several nodes.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env cluster --template etcd_cluster --auto-start
  noetl-ops test topology load etcd_cluster | noetl-ops test env cluster etcd --auto-start`,
        )
        .argument("[type]", "for people, as kubernetes")
        .option(
          "--template <name>",
          "a topology that has a name (default: read a topology, as JSON, from standard input)",
        )
        .action(async (type: string | undefined, options: CreateOptions) => {
          const { template } = options;
          const topology = template === undefined ? topologyOf(readFileSync(0, "utf8")) : undefined;
          const config = {
            type: "cluster_topology" as const,
            ...(type !== undefined && { cluster_type: type }),
            ...(topology === undefined ? { template } : { topology }),
          };
          await create(clientOf(options), config, options);
        }),
    )
    .addCommand(
      asking(new Command("list"))
        .description("List environments, the newest first.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env list`,
        )
        .action(async (options: Common) => {
          const answer = await clientOf(options).get("/test/environments");
          print(answer, options, (all) => all.map((one) => `${summary(one)}\n`).join(""));
        }),
    )
    .addCommand(
      asking(new Command("status"))
        .description("Show an environment with its containers.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env status 4f0c…`,
        )
        .argument("<id>", "of the environment")
        .action(async (id: string, options: Common) => {
          const answer = await clientOf(options).get(ONE, { path: { id } });
          print(answer, options, detailsText);
        }),
    )
    .addCommand(
      asking(new Command("run"))
        .description("Run tests in an environment.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env run 4f0c…
  noetl-ops test env run 4f0c… --script smoke.sh --node etcd-1`,
        )
        .argument("<id>", "of the environment")
        .argument("[tests...]", "names of tests (default: all)")
        .option("--script <file>", "run this by sh instead; - for standard input")
        .option("--node <name>", "where the script runs (default: the first)")
        .action(async (id: string, tests: string[], options: Common & { script?: string; node?: string }) => {
          const { script, node } = options;
          const body = {
            tests,
            ...(script !== undefined && { script: scriptIn(script) }),
            ...(node !== undefined && { node }),
          };
          await run(clientOf(options), id, body, options);
        }),
    )
    .addCommand(
      asking(new Command("logs"))
        .description("Print what the containers of an environment printed.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env logs 4f0c… --tail 20
  noetl-ops test env logs 4f0c… --node etcd-1 --follow`,
        )
        .argument("<id>", "of the environment")
        .option("--follow", "go on until they have ended")
        .option("--tail <lines>", "last lines of each container")
        .option("--node <name>", "only of this node")
        .action(printLogs),
    )
    .addCommand(
      asking(new Command("cleanup"))
        .description("Remove an environment.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test env cleanup 4f0c…`,
        )
        .argument("<id>", "of the environment")
        .action(async (id: string, options: Common) => {
          const answer = await clientOf(options).delete(ONE, {
            path: { id },
            query: { wait: "true", wait_seconds: 300 },
          });
          if (!answer.success) process.exitCode = 1;
          print(answer, options, () => `${id}  ${answer.error?.message ?? "removed"}\n`);
        }),
    );
}

async function printLogs(
  id: string,
  options: Common & { follow?: boolean; tail?: string; node?: string },
): Promise<void> {
  const { tail, node, json } = options;
  const query = {
    follow: options.follow === true ? ("true" as const) : ("false" as const),
    ...(tail !== undefined && { tail }),
    ...(node !== undefined && { node }),
  };
  const lines = clientOf(options).objects<{ container: string; text: string }, typeof LOGS>(LOGS, {
    path: { id },
    query,
  });
  for await (const line of lines) {
    process.stdout.write(json === true ? `${JSON.stringify(line)}\n` : `${line.container}  ${line.text}\n`);
  }
}

/** As it is: the service says what is wrong with it. */
function topologyOf(text: string): Topology {
  try {
    return JSON.parse(text) as Topology;
  } catch (error) {
    throw new UserError(`standard input is no topology: ${(error as Error).message}; give one as JSON, or --template`);
  }
}

function scriptIn(file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (error) {
    throw new UserError(`cannot read ${file}: ${(error as Error).message}`);
  }
}
