import { Command, InvalidArgumentError, Option } from "commander";
import type { Platform } from "../../preview/checks";
import { loadPlatform } from "../../preview/load-platform";
import { matrixData, matrixMarkdown, matrixText } from "../../preview/network/format";
import { matrixOf, type Matrix } from "../../preview/network/matrix";
import { answerText, ask } from "../../preview/network/may";
import { networkPicture } from "../../preview/network/picture";
import { withProgress } from "../../preview/progress";
import { chosenFile, stackFileOption } from "../chosen-file";
import { style } from "../terminal";

type Format = "table" | "markdown" | "json" | "svg";

interface Place {
  stack: string;
  stackFile?: string;
}

/**
 * `noetl-ops network`: who may connect to whom, and why.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function networkCommand(load: typeof loadPlatform = loadPlatform): Command {
  return placed(new Command("network"))
    .description("Show which workloads may connect to which, by the network policies of a stack.")
    .addOption(
      new Option("--format <format>", "how to print it")
        .choices(["table", "markdown", "json", "svg"])
        .default("table" satisfies Format),
    )
    .option("--json", "the same as --format json")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops network                                  the flows of stack kind, and what each is for
  noetl-ops network --stack gke --format svg > network.svg
  noetl-ops network --stack gke --json | jq '.allowed[] | select(.to == "postgres")'
  noetl-ops network may workers postgres             whether one reaches the other, and which policy says so

Exit codes: 0 shown, 1 a stack file has problems, 2 wrong usage.`,
    )
    .addCommand(mayCommand(load))
    .action(async (options: Place & { format: Format; json?: boolean }) => {
      const matrix = matrixOf(await platformOf(options, load));
      process.stdout.write(textOf(matrix, options.json === true ? "json" : options.format));
    });
}

function mayCommand(load: typeof loadPlatform): Command {
  return new Command("may")
    .description("Tell whether one workload may connect to another.")
    .argument("<from>", "who: a name of the table, a workload, or an IP address")
    .argument("<to>", "to whom")
    .argument("[port]", "port of its pods (default: each that it has)", parsePort)
    .option("--json", "print the answers as JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops network may workers nats                          on every port of NATS
  noetl-ops network may noetl-worker-rust postgres 5432
  noetl-ops network --stack gke may workers 169.254.169.254 80

The stack is named before \`may\`.
Exit codes: 0 yes (on one port at least), 1 no, 2 wrong usage.`,
    )
    .action(
      async (from: string, to: string, port: number | undefined, options: { json?: boolean }, command: Command) => {
        const platform = await platformOf(command.optsWithGlobals<Place>(), load);
        const answers = ask(platform, matrixOf(platform), [from, to], port);
        const isJson = options.json === true || command.optsWithGlobals<{ json?: boolean }>().json === true;
        process.stdout.write(
          isJson ? `${JSON.stringify(answers, null, 2)}\n` : answerText(answers, style(process.stdout)),
        );
        if (!answers.some(({ allowed }) => allowed)) process.exitCode = 1;
      },
    );
}

function placed(command: Command): Command {
  return command
    .addOption(new Option("--stack <name>", "stack of the project").default("kind"))
    .addOption(stackFileOption());
}

function platformOf(place: Place, load: typeof loadPlatform): Promise<Platform> {
  const path = chosenFile(place);
  return withProgress(process.stderr, `rendering ${path}`, () => load(path));
}

function textOf(matrix: Matrix, format: Format): string {
  if (format === "json") return `${JSON.stringify(matrixData(matrix), null, 2)}\n`;
  if (format === "markdown") return matrixMarkdown(matrix);
  return format === "svg" ? networkPicture(matrix) : matrixText(matrix, style(process.stdout));
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65535) throw new InvalidArgumentError("Allowed: a port from 1 to 65535.");
  return port;
}
