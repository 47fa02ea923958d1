import { setTimeout as delay } from "node:timers/promises";
import { Command, Option } from "commander";
import { loadNatsOperations } from "../../operations/nats/lazy";
import type { NatsStatus } from "../../operations/nats/status";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { chosenFile, stackFileOption } from "../chosen-file";
import { readEnvironment } from "../environment";
import { style } from "../terminal";

/** `noetl-ops nats`: how NATS is, and how it is planned. */
export function natsCommand(): Command {
  return new Command("nats")
    .description("NATS on a live platform: whether it is well; and as planned: how its clusters hang together.")
    .addCommand(statusCommand())
    .addCommand(topologyCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops nats status --stack kind
  noetl-ops nats topology --stack gke`,
    );
}

interface StatusOptions {
  url: string[];
  stack: string;
  stackFile?: string;
  context?: string;
  json?: boolean;
  watch?: boolean;
}

function statusCommand(): Command {
  return new Command("status")
    .description("Tell whether every server, the meta group and every stream is well, and what to do where not.")
    .addOption(
      new Option("--url <url>", "monitoring endpoint of a server; repeat it for each (default: the pods of the stack)")
        .argParser((url: string, urls: string[]) => [...urls, url])
        .default([], "the pods of the stack"),
    )
    .option("--stack <name>", "stack whose pods to ask", "kind")
    .addOption(stackFileOption())
    .option("--context <name>", "context of the kubeconfig to use instead of the stack's own")
    .option("--json", "print the status as JSON")
    .option("--watch", "print it again every two seconds, until interrupted")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops nats status --stack gke                 all servers of a stack, by port-forwards
  noetl-ops nats status --url http://127.0.0.1:8222 servers that can be reached directly
  noetl-ops nats status --json | jq '.findings'     for scripts

Exit codes: 0 healthy, 1 not healthy or not reachable, 2 wrong usage.`,
    )
    .action(status);
}

async function status(options: StatusOptions): Promise<void> {
  const look = await lookOf(options);
  for (;;) {
    const found = await withProgress(process.stderr, "asking NATS", look);
    print(found, options);
    if (options.watch !== true) {
      if (!found.healthy) process.exitCode = 1;
      return;
    }
    await delay(2000);
  }
}

async function lookOf(options: StatusOptions): Promise<() => Promise<NatsStatus>> {
  const { natsPlan, statusOfStack, statusOfUrls } = loadNatsOperations();
  if (options.url.length > 0) return () => statusOfUrls(options.url);
  const { graph, config } = await loadPlatform(chosenFile(options));
  const choice = {
    kubeconfig: readEnvironment().kubeconfig,
    stackContext: config.cluster.context,
    context: options.context,
  };
  return () => statusOfStack(choice, natsPlan(graph, config).clusters);
}

function print(found: NatsStatus, { json }: StatusOptions): void {
  const { formatStatus } = loadNatsOperations();
  process.stdout.write(json ? `${JSON.stringify(found, null, 2)}\n` : formatStatus(found, style(process.stdout)));
}

interface TopologyOptions {
  stack: string;
  stackFile?: string;
  format: "text" | "svg" | "json";
}

function topologyCommand(): Command {
  return new Command("topology")
    .description("Draw the clusters, links and streams that a stack plans; needs no cluster.")
    .option("--stack <name>", "stack to draw", "kind")
    .addOption(stackFileOption())
    .addOption(new Option("--format <format>", "how to print it").choices(["text", "svg", "json"]).default("text"))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops nats topology --stack gke               as text
  noetl-ops nats topology --format svg > nats.svg   as a picture, for light and dark pages`,
    )
    .action(topology);
}

async function topology(options: TopologyOptions): Promise<void> {
  const { natsPlan, topologyPicture, topologyText } = loadNatsOperations();
  const { graph, config } = await loadPlatform(chosenFile(options));
  const plan = natsPlan(graph, config);
  if (options.format === "json") process.stdout.write(`${JSON.stringify(plan, null, 2)}\n`);
  else
    process.stdout.write(options.format === "svg" ? topologyPicture(plan) : topologyText(plan, style(process.stdout)));
}
