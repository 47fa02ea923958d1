import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RigReport } from "../../../operations/rigs/report";
import type { ContractPlatform } from "../contract/platform";

const BIN = join(__dirname, "..", "..", "..", "cli", "bin.cjs");

/** What became of a command. */
export interface Verified {
  code: number | null;
  report: RigReport;
}

/** Runs `noetl-ops verify` on a contract platform. */
export class Rigs {
  readonly #state = mkdtempSync(join(tmpdir(), "noetl-rigs-"));
  readonly #commands = new Set<ChildProcess>();

  constructor(private readonly platform: ContractPlatform) {}

  /** Runs it to its end. @throws Error when it gives no report */
  async run(...args: string[]): Promise<Verified> {
    const { child, output } = this.start(...args);
    const [code] = (await once(child, "close")) as [number | null];
    try {
      return { code, report: JSON.parse(output.out) as RigReport };
    } catch {
      throw new Error(`no report (exit code ${String(code)}): ${output.err}${output.out}`);
    }
  }

  /** Starts it, for somebody who ends it early. */
  start(...args: string[]): { child: ChildProcess; output: { out: string; err: string } } {
    const child = spawn(process.execPath, [BIN, "verify", ...args, "--stack-file", this.platform.stackFile, "--json"], {
      env: {
        PATH: process.env.PATH,
        HOME: this.#state,
        KUBECONFIG: this.platform.cluster.kubeconfigPath,
        XDG_STATE_HOME: this.#state,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const output = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.err += chunk.toString()));
    this.#commands.add(child);
    child.once("close", () => this.#commands.delete(child));
    return { child, output };
  }

  /** Everything that is in the journals now. */
  journals(): string {
    const folder = join(this.#state, "noetl-ops", "rigs");
    try {
      return readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), "utf8"))
        .join("");
    } catch {
      return "";
    }
  }

  stop(): void {
    for (const child of this.#commands) child.kill("SIGKILL");
    rmSync(this.#state, { recursive: true, force: true });
  }
}

/** What a report says is wrong: problems of steps, and what is not as it must be. */
export function wrongIn({ steps }: RigReport): string[] {
  return steps.flatMap(({ title, problem, evidence }) => [
    ...(problem === undefined ? [] : [`${title}: ${problem}`]),
    ...evidence.filter(({ ok }) => !ok).map(({ what, seen }) => `${what}: ${seen}`),
  ]);
}
