import { randomUUID } from "node:crypto";
import { at, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { isUnderWay, Journal, leftBehind, type Owner, readJournal, readJournals } from "./journal";
import { refuseLocked } from "./lock";
import { formatRef } from "./objects";
import type { Platform } from "./platform";
import { thisProcess } from "./process";
import type { Reach } from "./reach";
import type { RigReport } from "./report";
import type { Rig } from "./rig";
import { type RigSettings, settingsOf } from "./settings";
import { type RigEvent, Run } from "./run";

/** Where and how a rig is run. */
export interface RunOptions {
  /** Context of the kubeconfig, for the journal and the report. */
  context: string;
  /** Folder of the journals. */
  journals: string;
  /** Whether a production platform may be touched. */
  allowProduction: boolean;
  /** Runs what takes away the things that the rig leaves behind. */
  off?: boolean;
  /** Numbers that the rig takes. Default: its own. */
  settings?: RigSettings;
  onEvent?: (event: RigEvent) => void;
}

/**
 * Runs a rig: what it needs, the lock, its steps, and then everything back, whatever has happened.
 *
 * @throws UserError when it is refused, and nothing was changed
 */
export async function runRig(rig: Rig, platform: Platform, reach: Reach, options: RunOptions): Promise<RigReport> {
  const { off = false, onEvent = () => undefined } = options;
  if (off && !rig.off) throw new UserError(`rig ${rig.name} leaves nothing behind that --off could take away`);
  refuseProduction(platform, options.allowProduction);
  const owner = await ownerOf(rig, platform, reach, options.context);
  refuseLeftJournals(options.journals, owner);
  await refuseUnmet(rig, platform, reach);
  await refuseLocked(reach, platform.namespace);

  const journal = Journal.begin(options.journals, owner);
  const run = new Run(reach, journal, owner, onEvent);
  const steps = (off ? rig.off?.(platform) : rig.steps(platform, options.settings ?? settingsOf(rig))) ?? [];
  const putBack = (): Promise<void> => run.revert(readJournal(journal.file).open);
  try {
    if (rig.changes.length > 0 || off) await run.lock();
  } catch (error) {
    await putBack();
    throw error;
  }
  await run.steps(steps, platform);
  await putBack();
  return run.report({ mode: off ? "off" : "run", leaves: off ? [] : [...(rig.leaves ?? [])] });
}

/**
 * Puts back what a run has left behind that did not end by itself.
 *
 * @throws UserError when there is nothing to put back here, or that run is still under way
 */
export async function revertLeft(
  platform: Platform,
  reach: Reach,
  options: Pick<RunOptions, "context" | "journals" | "onEvent">,
): Promise<RigReport> {
  const cluster = await clusterId(reach);
  const journals = readJournals(options.journals);
  const left = journals.find(({ owner }) => owner.rig === "" || isHere(owner, cluster, platform.namespace));
  if (left === undefined) {
    const others = journals.map(({ owner }) => `  rig ${owner.rig} on ${owner.context}: --stack ${owner.stack}`);
    throw new UserError(
      [
        `nothing is left to put back on ${options.context}`,
        ...(others.length > 0 ? ["elsewhere:", ...others] : []),
      ].join("\n"),
    );
  }
  if (isUnderWay(left))
    throw new UserError(
      `rig ${left.owner.rig} is still under way (process ${left.owner.pid} on ${left.owner.host})\nnext: wait until it ends, or interrupt it`,
    );
  const run = new Run(reach, Journal.resume(left), left.owner, options.onEvent ?? (() => undefined));
  await run.revert(left.open);
  return run.report({ mode: "revert", leaves: [] });
}

function isHere(owner: Owner, cluster: string, namespace: string): boolean {
  return owner.cluster === cluster && owner.namespace === namespace;
}

function refuseProduction({ stack, config }: Platform, allowed: boolean): void {
  if (config.profile !== "gke" || allowed) return;
  throw new UserError(
    `stack ${stack} has the profile gke: people depend on it, and a rig restarts what they use\n` +
      "next: run it on a stack of profile kind, or say --yes-production",
  );
}

/** Before anything else is asked for: what an earlier run left must be put back first. */
function refuseLeftJournals(folder: string, owner: Owner): void {
  const left = readJournals(folder).find((journal) => isHere(journal.owner, owner.cluster, owner.namespace));
  if (left) throw leftBehind(left);
}

async function refuseUnmet(rig: Rig, platform: Platform, reach: Reach): Promise<void> {
  const problems = await Promise.all(
    rig.needs(platform).map(async (need) => {
      if ("unmet" in need) return need.unmet;
      if ((await reach.read(need.object)) !== undefined) return [];
      return `${formatRef(need.object)} is not there${need.why === undefined ? "" : `: ${need.why}`}`;
    }),
  );
  const lines = problems.flat().map((problem) => `  ${problem}`);
  if (lines.length === 0) return;
  throw new UserError(
    [
      `rig ${rig.name} cannot run here, and nothing was changed:`,
      ...lines,
      "next: deploy the stack first, with what is missing",
    ].join("\n"),
  );
}

async function ownerOf(rig: Rig, { stack, namespace }: Platform, reach: Reach, context: string): Promise<Owner> {
  const started = reach.clock.now().toISOString();
  return {
    rig: rig.name,
    run: randomUUID(),
    stack,
    context,
    cluster: await clusterId(reach),
    namespace,
    started,
    ...thisProcess(),
  };
}

/** A cluster is what its namespace kube-system is, whatever kubeconfigs call it. */
async function clusterId(reach: Reach): Promise<string> {
  const system = await reach.mustRead({ apiVersion: "v1", kind: "Namespace", name: "kube-system" });
  return textOf(at(system, "metadata", "uid")) ?? "";
}
