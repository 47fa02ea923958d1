import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { RuleGroup } from "../../../components/monitoring/rules";
import { rulesFile } from "../../../components/monitoring/rules-file";
import { freePort } from "../support/ports";
import type { SupervisedProcess, Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";

const PROGRAMS = ["prometheus", "prometheus-alertmanager", "promtool", "amtool"] as const;

/** Why no monitoring can run here; undefined when it can. */
export function monitoringImpossible(): string | undefined {
  const folders = (process.env.PATH ?? "").split(":");
  const missing = PROGRAMS.filter((program) => !folders.some((folder) => existsSync(join(folder, program))));
  return missing.length === 0
    ? undefined
    : `${missing.join(", ")} not installed: Debian's prometheus and prometheus-alertmanager`;
}

/** A daemon that answers. */
export interface Daemon {
  url: string;
  stop(): Promise<unknown>;
}

/** What a Prometheus scrapes: the path of a job on the exporter of the test. */
export interface Target {
  job: string;
  /** `127.0.0.1:PORT`. */
  address: string;
  path: string;
  labels?: Readonly<Record<string, string>>;
}

/** Starts a Prometheus that scrapes and evaluates several times a second. */
export async function startPrometheus(
  supervisor: Supervisor,
  {
    groups,
    targets,
    alertmanager,
  }: { groups: readonly RuleGroup[]; targets: readonly Target[]; alertmanager?: string },
): Promise<Daemon> {
  const rules = join(supervisor.folder, "rules.yaml");
  writeFileSync(rules, stringify(rulesFile(groups)));
  const config = join(supervisor.folder, "prometheus.yaml");
  writeFileSync(
    config,
    stringify({
      global: { scrape_interval: "250ms", scrape_timeout: "250ms", evaluation_interval: "250ms" },
      rule_files: [rules],
      scrape_configs: targets.map(({ job, address, path, labels = {} }) => ({
        job_name: job,
        metrics_path: path,
        static_configs: [{ targets: [address], labels }],
      })),
      ...(alertmanager !== undefined && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [new URL(alertmanager).host] }] }] },
      }),
    }),
  );
  const port = await freePort();
  return started(supervisor, "prometheus", port, [
    `--config.file=${config}`,
    `--storage.tsdb.path=${join(supervisor.folder, "tsdb")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    // Alerts go out again at least so often while they fire.
    "--rules.alert.resend-delay=1s",
  ]);
}

/** Starts an Alertmanager with a configuration as text. */
export async function startAlertmanager(supervisor: Supervisor, config: string): Promise<Daemon> {
  const file = join(supervisor.folder, "alertmanager.yaml");
  writeFileSync(file, config);
  const port = await freePort();
  return started(supervisor, "prometheus-alertmanager", port, [
    `--config.file=${file}`,
    `--storage.path=${join(supervisor.folder, "alertmanager")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--cluster.listen-address=",
  ]);
}

async function started(supervisor: Supervisor, program: string, port: number, args: string[]): Promise<Daemon> {
  const daemon = await supervisor.start({ name: program, command: program, arguments: args });
  const url = `http://127.0.0.1:${port}`;
  await waitFor(program, async () => {
    if (daemon.exit()) throw new Error(`${program} ended:\n${logOf(daemon)}`);
    const answer = await fetch(`${url}/-/ready`).catch(() => undefined);
    return answer?.ok === true ? true : undefined;
  });
  return { url, stop: () => daemon.kill() };
}

function logOf({ log }: SupervisedProcess): string {
  return readFileSync(log, "utf8");
}

/** Runs `amtool` and gives what it prints. @throws Error when it fails */
export function amtool(...args: string[]): string {
  const { status, stdout, stderr } = spawnSync("amtool", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`amtool ${args.join(" ")}: ${stdout}${stderr}`);
  return stdout;
}
