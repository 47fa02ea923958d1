import { Command, Option } from "commander";
import { counted } from "../../preview/amounts";
import { assess, dangersIn } from "../../preview/assess";
import type { Platform } from "../../preview/checks";
import { toJson, toYaml } from "../../preview/format-data";
import { formatFindings } from "../../preview/format-findings";
import { formatView } from "../../preview/format-view";
import { loadPicture } from "../../preview/lazy";
import { loadPlatform } from "../../preview/load-platform";
import { renderedFiles } from "../../preview/manifests";
import { withProgress } from "../../preview/progress";
import { readRendered, writeRendered } from "../../preview/rendered-folder";
import { viewOf, type View } from "../../preview/view";
import { chosenFile, stackFileOption } from "../chosen-file";
import { today, todayOption } from "../clock";
import { againstOption, formerRender } from "../former-render";
import { style } from "../terminal";

const FORMATS = ["tree", "yaml", "json", "svg"] as const;

interface PreviewOptions {
  stack: string;
  stackFile?: string;
  format?: (typeof FORMATS)[number];
  json?: boolean;
  out?: string;
  compare: boolean;
  against?: string;
  today?: string;
}

/**
 * `noetl-ops preview`: what a stack deploys, without a cluster, credentials or the Pulumi CLI.
 *
 * @param load Renders a stack file; tests give their own.
 */
export function previewCommand(load: typeof loadPlatform = loadPlatform): Command {
  return new Command("preview")
    .description("Show what a stack deploys, offline: no cluster, no credentials, no Pulumi CLI.")
    .addOption(new Option("--stack <name>", "stack whose Pulumi.<name>.yaml is rendered").default("kind"))
    .addOption(stackFileOption())
    .addOption(new Option("--format <format>", "what to print (default: tree)").choices(FORMATS))
    .addOption(new Option("--json", "the same as --format json").conflicts("format"))
    .addOption(
      new Option("--out <folder>", "write one YAML file a resource into a folder instead").conflicts([
        "format",
        "json",
        "against",
      ]),
    )
    .addOption(againstOption().conflicts("compare"))
    .option("--no-compare", "leave out the difference from rendered/<stack>, and what it would destroy")
    .addOption(todayOption())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops preview                               the kind environment, and how it differs from rendered/kind
  noetl-ops preview --stack gke --format yaml     every Kubernetes object of gke as one stream
  noetl-ops preview --stack-file ~/my.yaml        a stack file of your own
  noetl-ops preview --against ../main/rendered/kind   what a branch changes, and what that destroys
  noetl-ops preview --out rendered/kind           bring the committed render up to date
  noetl-ops preview --format svg > preview.svg    a picture for a document

Secrets and generated values appear as <secret>. What the checks find does not change the exit code; noetl-ops check does
that. What a change would destroy does, until the stack file waives it.
Exit codes: 0 shown, 1 data would be destroyed or the stack file has problems, 2 wrong usage.`,
    )
    .action((options: PreviewOptions) => preview(options, load));
}

async function preview(options: PreviewOptions, load: typeof loadPlatform): Promise<void> {
  const file = chosenFile(options);
  const platform = await withProgress(process.stderr, `rendering ${file}`, () => load(file));
  if (options.out !== undefined) {
    await write(platform, options.out, options.today ?? today());
    return;
  }
  const format = options.json ? "json" : (options.format ?? "tree");
  if (format === "yaml") {
    process.stdout.write(toYaml(platform.graph));
    return;
  }
  const former = options.compare ? formerRender(file, platform.graph.stack, options.against) : undefined;
  const shown = await viewOf(platform, options.today ?? today(), former);
  process.stdout.write(viewText(shown, format));
  if (dangersIn(shown.findings).length > 0) process.exitCode = 1;
}

/** Brings a rendered folder up to date, and tells what the change would destroy where the old render is deployed. */
async function write(platform: Platform, folder: string, day: string): Promise<void> {
  const dangers = dangersIn(await assess(platform, { today: day, former: readRendered(folder) }));
  const { written, removed } = writeRendered(folder, renderedFiles(platform.graph));
  const gone = removed.length === 0 ? "" : `, removed ${removed.length}`;
  process.stdout.write(`wrote ${counted(written.length, "file")}${gone} in ${folder}\n`);
  if (dangers.length === 0) return;
  process.stderr.write(`where the former render is deployed, this one would destroy data:\n`);
  process.stderr.write(formatFindings(dangers, style(process.stderr)));
}

function viewText(shown: View, format: "tree" | "json" | "svg"): string {
  if (format === "json") return `${JSON.stringify(toJson(shown), null, 2)}\n`;
  if (format === "svg") return loadPicture().previewPicture(shown);
  return formatView(shown, style(process.stdout), { width: process.stdout.isTTY ? process.stdout.columns : 100 });
}
