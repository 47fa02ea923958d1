import { writeFileSync } from "node:fs";
import { Command, Option } from "commander";
import type { ResourceGraph } from "../../preview/graph";
import type { ImpactReport } from "../../preview/impact/report";
import { loadImpact, loadMap } from "../../preview/lazy";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { formerRender as readBack } from "../../preview/rendered-graph";
import { UserError } from "../../stacks/errors";
import { chosenFile, stackFileOption } from "../chosen-file";
import { formerRender } from "../former-render";
import { shortPath } from "../paths";
import { style } from "../terminal";

const FORMATS = ["svg", "html", "json"] as const;
type Format = (typeof FORMATS)[number];

interface GraphOptions {
  stack: string;
  stackFile?: string;
  format?: Format;
  json?: boolean;
  before?: string;
  out?: string;
}

/**
 * `noetl-ops graph`: a platform as a picture, or as a page to look around in.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function graphCommand(load: typeof loadPlatform = loadPlatform): Command {
  return new Command("graph")
    .description("Draw a platform: its components, what is in them, and what needs what.")
    .addOption(new Option("--stack <name>", "stack of the project").default("kind"))
    .addOption(stackFileOption())
    .addOption(
      new Option("--format <format>", "what to make (default: html where --out ends in .html, else svg)").choices(
        FORMATS,
      ),
    )
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .option("--before <folder>", "a former render: show what the change from it does")
    .option("--out <file>", "write it into a file instead of printing it")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops graph --out platform.html             a page of kind: picture, search, every manifest
  noetl-ops graph --stack gke > platform.svg      a picture of gke for a document
  noetl-ops graph --before ../main/rendered/kind --out change.html   with what a branch changes

Secrets and generated values appear as <secret>.
Exit codes: 0 made, 1 a stack file has problems or a file cannot be written, 2 wrong usage.`,
    )
    .action(async (options: GraphOptions) => {
      const file = chosenFile(options);
      const { graph } = await withProgress(process.stderr, `rendering ${file}`, () => load(file));
      const report = options.before === undefined ? undefined : await reportSince(options.before, file, graph);
      put(textOf(graph, report, formatOf(options)), options.out);
    });
}

function formatOf({ format, json, out }: GraphOptions): Format {
  return json === true ? "json" : (format ?? (out?.endsWith(".html") === true ? "html" : "svg"));
}

/** What the change from a rendered folder does. Files in it that hold no manifest are named and left out. */
async function reportSince(folder: string, file: string, graph: ResourceGraph): Promise<ImpactReport> {
  const { name, files } = formerRender(file, graph.stack, folder);
  const former = await readBack(files ?? new Map<string, string>(), graph);
  for (const { path, reason } of former.unreadable) {
    process.stderr.write(`${style(process.stderr).yellow("left out:")} ${name}/${path}: ${reason}\n`);
  }
  return loadImpact().impactBetween(former.graph, graph, { stack: graph.stack, before: name, after: shortPath(file) });
}

function textOf(graph: ResourceGraph, report: ImpactReport | undefined, format: Format): string {
  const { graphData, graphPage, graphPicture } = loadMap();
  if (format === "json") return `${JSON.stringify(graphData(graph, report), null, 2)}\n`;
  return format === "html" ? graphPage(graph, report) : graphPicture(graph, report);
}

function put(text: string, out: string | undefined): void {
  if (out === undefined) {
    process.stdout.write(text);
    return;
  }
  try {
    writeFileSync(out, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`cannot write ${out}: ${reason}; name a file in a folder that exists`);
  }
  process.stdout.write(`wrote ${out}\n`);
}
