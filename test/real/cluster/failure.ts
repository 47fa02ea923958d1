import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { cacheFolder, type Environment } from "../../../tools/cache";
import type { SupervisedProcess } from "../support/supervisor";

const LOG_LINES_SHOWN = 5;

/** A cluster that did not come up. The message is one line, followed by a log's last lines, indented, when there is a log. */
export class ClusterError extends Error {}

/**
 * @param component the one to blame
 * @param problem what is wrong when it still runs
 * @returns an error that names a copy of the component's log, which outlives the cluster's folder
 */
export function componentFailure(component: SupervisedProcess, problem: string, env: Environment): ClusterError {
  const exit = component.exit();
  const what = exit === undefined ? problem : `it ended with ${exit.signal ?? `exit code ${exit.code ?? 0}`}`;
  const folder = join(cacheFolder(env), "logs", `cluster-${process.pid}`);
  const log = join(folder, basename(component.log));
  mkdirSync(folder, { recursive: true });
  copyFileSync(component.log, log);
  const tail = readFileSync(log, "utf8").split("\n").filter(Boolean).slice(-LOG_LINES_SHOWN);
  const details = tail.map((line) => `\n    ${line}`).join("");
  return new ClusterError(`the test cluster did not come up: ${component.name}: ${what}; log: ${log}${details}`);
}
