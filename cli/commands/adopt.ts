import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Command } from "commander";
import { loadAdopt } from "../../operations/adopt/lazy";
import { loadPlatform } from "../../preview/load-platform";
import { withProgress } from "../../preview/progress";
import { chosenFile, stackFileOption } from "../chosen-file";
import { readEnvironment } from "../environment";
import { style } from "../terminal";

interface AdoptOptions {
  stack: string;
  stackFile?: string;
  kubeconfig?: string;
  context?: string;
  json?: boolean;
}

/** `noetl-ops adopt`: a live installation beside the program, and the file by which Pulumi takes it over. */
export function adoptCommand(): Command {
  return new Command("adopt")
    .description(
      "Compare a live installation with a stack, and write the file by which the first update takes it over.",
    )
    .option("--stack <name>", "stack that is to own the installation", "kind")
    .addOption(stackFileOption())
    .option("--kubeconfig <file>", "kubeconfig to use (default: KUBECONFIG, else ~/.kube/config)")
    .option("--context <name>", "context of the kubeconfig to use instead of the stack's own")
    .option("--json", "print the comparison as JSON")
    .addHelpText(
      "after",
      `
Changes nothing in the cluster. Prints names and paths, never values.

Examples:
  noetl-ops adopt --stack gke --kubeconfig ~/.kube/config
  noetl-ops adopt --stack gke --json | jq '.refused'

Exit codes: 0 the file is written, 1 something is to be done first, 2 wrong usage.`,
    )
    .action(adopt);
}

async function adopt(options: AdoptOptions): Promise<void> {
  const file = chosenFile(options);
  const platform = await loadPlatform(file);
  const { adoptionFileName, formatAdoption, lookAtLive, StackCluster } = loadAdopt();
  const cluster = StackCluster.open({
    kubeconfig: options.kubeconfig ?? readEnvironment().kubeconfig,
    stackContext: platform.config.cluster.context,
    context: options.context,
  });
  const found = await withProgress(process.stderr, "comparing live objects", () => lookAtLive(platform, cluster.api()));
  const { adoption } = found;
  const name = adoptionFileName(adoption.stack);
  if (adoption.ready) writeFileSync(join(dirname(file), name), `${JSON.stringify(found.file, null, 2)}\n`);
  else process.exitCode = 1;

  if (options.json) process.stdout.write(`${JSON.stringify(adoption, null, 2)}\n`);
  else {
    const end = adoption.ready
      ? `${name} is written; next: pulumi up --stack ${adoption.stack}, then remove the file\n`
      : `${name} is not written: do the steps above first, then run this again\n`;
    process.stdout.write(`${formatAdoption(adoption, style(process.stdout))}\n${end}`);
  }
}
