import { readFileSync } from "node:fs";
import { Command, InvalidArgumentError, Option } from "commander";
import { loadImages, loadImpact } from "../../operations/images/lazy";
import { loadStackFile } from "../../preview/lazy";
import { UserError } from "../../stacks/errors";
import { chosenFile, stackFileOption } from "../chosen-file";
import { elapsed, now, pause } from "../clock";
import { readEnvironment } from "../environment";
import { style } from "../terminal";

interface BumpOptions {
  image: string[];
  deployment?: string[];
  all?: boolean;
  stack: string;
  stackFile?: string;
  namespace: string;
  kubeconfig?: string;
  live?: boolean;
  ghcrProbeAttempts: number;
  ghcrProbeSleepSeconds: number;
  pin?: boolean;
  verifyKey?: string;
  wait: number;
  rollback?: boolean;
  dryRun?: boolean;
  json?: boolean;
}

/** Exit code when a component has failed, so that something may have been changed. */
const FAILED = 3;

/** `noetl-ops bump-image`: moves running components to other images. */
export function bumpImageCommand(): Command {
  return new Command("bump-image")
    .description("Move running components to another image: probe, compare, set, wait for the pods, report.")
    .addOption(
      new Option("--image <image>", "image to move to; repeat it for several programs")
        .argParser(collect)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        "--deployment <name>",
        "component to move (repeatable); noetl-server and noetl-worker mean all of them",
      )
        .argParser(collect)
        .default(undefined, "those that run an image of the same repository"),
    )
    .addOption(new Option("--all", "move every component, whatever it runs now").conflicts("deployment"))
    .option("--stack <name>", "stack whose components are moved", "kind")
    .addOption(stackFileOption())
    .option("--namespace <name>", "namespace of the components", "noetl")
    .option("--kubeconfig <file>", "kubeconfig to use (default: KUBECONFIG, else ~/.kube/config)")
    .option("--live", "straight on the cluster, then bring the stack file in line; default: through the stack")
    .addOption(
      new Option("--ghcr-probe-attempts <count>", "how often a registry is asked for the manifest; 0 asks nobody")
        .argParser(whole(0, 1000))
        .default(12),
    )
    .addOption(
      new Option("--ghcr-probe-sleep-seconds <seconds>", "pause between two of them")
        .argParser(whole(0, 3600))
        .default(10),
    )
    .option("--pin", "set the digest beside the tag")
    .option("--verify-key <file>", "public key of cosign that must have signed the image; it is pinned then")
    .addOption(
      new Option("--wait <duration>", "how long the pods of one component may take, such as 90s or 10m")
        .argParser(duration)
        .default(600, "10m"),
    )
    .option("--rollback", "bring a component back that does not become ready (default for profile gke)")
    .option("--no-rollback", "leave it as it is (default for profile kind)")
    .option("--dry-run", "show what would be done, and change nothing")
    .option("--json", "print the report as JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops bump-image --image ghcr.io/noetl/server:3.40.0 --stack gke --dry-run
  noetl-ops bump-image --image ghcr.io/noetl/server:3.40.0 --image ghcr.io/noetl/worker:5.41.0 --stack gke --pin
  noetl-ops bump-image --image localhost/noetl-worker:dev --deployment noetl-worker --live

Exit codes: 0 all run the image, or were left alone as reported; 1 refused, and nothing was changed; 2 wrong usage;
3 a component has failed, and the report tells what was changed.`,
    )
    .action(bumpImage);
}

function collect(text: string, before: string[] = []): string[] {
  return [...before, text];
}

function whole(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,6}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most} is needed.`);
  };
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

function duration(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,5})([smh])$/.exec(text) ?? [];
  const seconds = Number(count) * (UNITS[unit] ?? 0);
  if (seconds >= 1 && seconds <= 24 * 3600) return seconds;
  throw new InvalidArgumentError("a duration from 1s to 24h is needed, such as 90s or 10m.");
}

async function bumpImage(options: BumpOptions): Promise<void> {
  const images = loadImages();
  const file = chosenFile(options);
  const settings = loadStackFile().readStackFile(file);
  const environment = readEnvironment();
  const kubeconfig = options.kubeconfig ?? environment.kubeconfig;
  const onProgress = (line: string): boolean => process.stderr.write(`${line}\n`);
  const world = { wait: pause, elapsed, onProgress };
  const report = await images.runBump(
    {
      images: options.image,
      deployments: options.deployment ?? [],
      all: options.all ?? false,
      namespace: options.namespace,
      verification: {
        budget: { attempts: options.ghcrProbeAttempts, sleepSeconds: options.ghcrProbeSleepSeconds },
        pin: options.pin ?? false,
        key: keyOf(options.verifyKey),
      },
      waitSeconds: options.wait,
      rollback: options.rollback ?? settings.config.profile === "gke",
      dryRun: options.dryRun ?? false,
    },
    settings,
    {
      ...world,
      connect: () => {
        const stackContext = settings.config.cluster.context;
        const cluster = images.StackCluster.open({ kubeconfig, stackContext, fixed: true });
        return new images.LiveNamespace(cluster.api(), options.namespace);
      },
      way: (live) =>
        options.live
          ? images.liveWay(live, file)
          : images.stackWay(live, () => images.openStack(file, options.kubeconfig), file, {
              ...world,
              cache: environment.cache,
            }),
      registry: { credentials: images.readLogins(environment.dockerConfig), now },
      onRetry: ({ attempt, of, reason, seconds }) => {
        onProgress(`probe ${attempt} of ${of}: ${reason}; again in ${seconds} s`);
      },
      impact: (changes) => loadImpact().impactOfBump(file, readFileSync(file, "utf8"), changes),
    },
  );
  process.stdout.write(
    options.json ? `${JSON.stringify(report, null, 2)}\n` : images.formatBump(report, style(process.stdout)),
  );
  if (report.components.some(({ result }) => result === "failed")) process.exitCode = FAILED;
}

function keyOf(file: string | undefined) {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UserError(`--verify-key: ${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ""}`);
  }
  return loadImages().parsePublicKey(text, file);
}
