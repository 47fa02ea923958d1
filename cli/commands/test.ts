import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { loadCatalogCheck } from "../../orchestrator/lazy";
import type { Client, EnvironmentConfig, EnvironmentDetails, EnvironmentView } from "../../orchestrator/client";
import { UserError } from "../../stacks/errors";
import { whole } from "../numbers";
import { asking, clientOf, print, type Common } from "../service-client";

/** Addresses of an environment. */
const ONE = "/test/environments/{id}";
const LOGS = "/test/environments/{id}/logs";

type Topology = NonNullable<Extract<EnvironmentConfig, { type: "cluster_topology" }>["topology"]>;

interface CreateOptions extends Common {
  name?: string;
  infra?: string;
  autoStart?: boolean;
  autoCleanup?: boolean;
  ttl?: number;
  baseImage?: string;
  image?: Record<string, string>;
  cpu?: number;
  memory?: number;
  template?: string;
  detach?: boolean;
}

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

function environmentCommand(): Command {
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

function topologyCommand(): Command {
  return new Command("topology")
    .description("Templates of topologies.")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops test topology list
  noetl-ops test topology load etcd_cluster > etcd.json`,
    )
    .addCommand(
      asking(new Command("list"))
        .description("List the templates of an orchestrator.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology list`,
        )
        .action(async (options: Common) => {
          const answer = await clientOf(options).get("/test/topologies");
          print(answer, options, (all) =>
            all.map(({ name, description }) => `${name.padEnd(20)}  ${description}\n`).join(""),
          );
        }),
    )
    .addCommand(
      asking(new Command("load"))
        .description("Print the topology of a template as JSON, for `test env cluster`.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology load etcd_cluster > etcd.json`,
        )
        .argument("<name>", "as etcd_cluster")
        .action(async (name: string, options: Common) => {
          const { data } = await clientOf(options).get("/test/topologies");
          const found = data.find((template) => template.name === name);
          if (!found) {
            throw new UserError(`there is no template ${name}; there are ${data.map((one) => one.name).join(", ")}`);
          }
          process.stdout.write(`${JSON.stringify(found.topology, null, 2)}\n`);
        }),
    )
    .addCommand(
      new Command("check")
        .description("Read a folder of templates/*.toml and taskservs/*.toml, and tell what is wrong. Asks nobody.")
        .addHelpText(
          "after",
          `
Examples:
  noetl-ops test topology check ./environments`,
        )
        .argument("<folder>", "as for orchestrator serve --environments")
        .action((folder: string) => {
          const { templates, taskservs, notices } = loadCatalogCheck().checkFolder(folder);
          process.stdout.write(`${templates} templates, ${taskservs} taskservs\n`);
          for (const notice of notices) process.stdout.write(`notice: ${notice}\n`);
        }),
    );
}

/** Options of what creates an environment. */
function creating(command: Command): Command {
  return asking(command)
    .option("--name <name>", "no two environments have the same (default: its id)")
    .option("--infra <stack>", "the stack it stands for, for people")
    .option("--auto-start", "start it, and wait until it is healthy")
    .option("--auto-cleanup", "remove its containers once tests have run")
    .addOption(
      new Option("--ttl <minutes>", "it is removed when they are over (default: 240)").argParser(whole(1, 10_080)),
    )
    .option("--base-image <image>", "a bare machine of this image instead of the taskservs' own images")
    .addOption(new Option("--image <taskserv=image>", "another image; may be repeated").argParser(pair))
    .addOption(
      new Option("--cpu <millicores>", "limit of each container (default: 1000)").argParser(whole(10, 1_024_000)),
    )
    .addOption(new Option("--memory <MiB>", "limit of each container (default: 512)").argParser(whole(6, 16_777_216)))
    .option("--detach", "do not wait until it is there");
}

function machine({ baseImage, cpu, memory }: CreateOptions) {
  const resources = {
    ...(cpu !== undefined && { cpu_millicores: cpu }),
    ...(memory !== undefined && { memory_mb: memory }),
  };
  return { ...(baseImage !== undefined && { base_image: baseImage }), resources };
}

async function create(client: Client, config: EnvironmentConfig, options: CreateOptions): Promise<EnvironmentView> {
  const { name, infra, ttl, image, autoStart, autoCleanup, detach, json } = options;
  const { data } = await client.post("/test/environments/create", {
    body: {
      config,
      ...(name !== undefined && { name }),
      ...(infra !== undefined && { infra }),
      ...(ttl !== undefined && { ttl_minutes: ttl }),
      ...(image !== undefined && { images: image }),
      auto_start: autoStart === true,
      auto_cleanup: autoCleanup === true,
    },
  });
  if (detach !== true && data.task_id !== null) await follow(client, data.task_id, json === true);
  const { data: details } = await client.get(ONE, { path: { id: data.id } });
  if (json === true) process.stdout.write(`${JSON.stringify(details)}\n`);
  else process.stdout.write(detailsText(details));
  return details;
}

async function run(client: Client, id: string, body: object, { json }: Common): Promise<void> {
  const { data } = await client.post("/test/environments/{id}/run", { path: { id }, body });
  if (data.task_id !== null) await follow(client, data.task_id, json === true);
  if (json !== true) return;
  const { data: view } = await client.get(ONE, { path: { id } });
  process.stdout.write(`${JSON.stringify(view.tests)}\n`);
}

/** Prints what a task tells until it has ended. */
async function follow(client: Client, id: string, isQuiet: boolean): Promise<void> {
  for await (const { text } of client.logs(id, true)) if (!isQuiet) process.stdout.write(`${text}\n`);
  const { data: task } = await client.get("/tasks/{id}", { path: { id } });
  if (task.status === "Completed") return;
  process.exitCode = 1;
  const { code, message } = task.error ?? { code: "stopped", message: "its task was stopped" };
  process.stderr.write(`${task.status}: ${message} [${code}]\n`);
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

function summary({ id, name, status, template, type, expires_at: expires }: EnvironmentView): string {
  return [id, status.padEnd(8), (template ?? type).padEnd(18), `until ${expires}`, name === id ? "" : name]
    .join("  ")
    .trim();
}

function detailsText(details: EnvironmentDetails): string {
  const { containers, notices, subnet, error } = details;
  return [
    summary(details),
    ...(subnet === null ? [] : [`  subnet ${subnet}`]),
    ...(containers ?? []).map(({ name, state, address }) => `  ${name}  ${state}  ${address ?? ""}`.trimEnd()),
    ...(containers === null ? ["  Docker does not answer: what its containers do is not known"] : []),
    ...notices.map((notice) => `  notice: ${notice}`),
    ...(error === null ? [] : [`  ${error.code}: ${error.message}`]),
    "",
  ].join("\n");
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

function pair(text: string, others: Record<string, string> = {}): Record<string, string> {
  const [taskserv = "", ...image] = text.split("=");
  if (taskserv !== "" && image.length > 0) return { ...others, [taskserv]: image.join("=") };
  throw new InvalidArgumentError("It must be as postgres=docker.io/library/postgres:17.");
}
