import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "@jest/globals";
import { WorkerPool } from "../../../components/noetl/worker-pool";
import { recorded } from "../../support/recorded";
import { worker } from "./facts";
import { podOf } from "./pods";

/** Metrics as worker 5.40.3 shows them. */
const metrics = (commands: number) =>
  `# TYPE noetl_worker_concurrent_dispatches gauge\nnoetl_worker_concurrent_dispatches ${commands}\n`;

/** Runs the hook with a `wget` that gives these answers in turn, and counts its questions. */
async function questions(answers: readonly string[]): Promise<number> {
  const { name, ...args } = worker;
  const [command = "", ...rest] =
    podOf(await recorded(() => new WorkerPool(name, args)), name).container.lifecycle?.preStop.exec.command ?? [];
  const folder = mkdtempSync(join(tmpdir(), "noetl-until-idle-"));
  try {
    answers.forEach((answer, index) => {
      writeFileSync(join(folder, `answer-${index + 1}`), answer);
    });
    const wget = `#!/bin/sh\necho x >> '${folder}/asked'\nexec cat "${folder}/answer-$(wc -l < '${folder}/asked' | tr -d ' ')"\n`;
    const scripts = { wget, sleep: "#!/bin/sh\n" };
    for (const [program, script] of Object.entries(scripts)) {
      writeFileSync(join(folder, program), script);
      chmodSync(join(folder, program), 0o755);
    }
    await promisify(execFile)(command, rest, { env: { PATH: `${folder}:/usr/bin:/bin` }, timeout: 60_000 });
    const { stdout } = await promisify(execFile)("wc", ["-l", join(folder, "asked")], {
      env: { PATH: "/usr/bin:/bin" },
    });
    return parseInt(stdout, 10);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("the hook before a worker is told to stop", () => {
  test.each<[string, string[], number]>([
    ["holds no command", [metrics(0)], 1],
    ["holds commands for a while", [metrics(2), metrics(10), metrics(1), metrics(0)], 4],
    ["has never held one", ["# nothing yet\n"], 1],
    ["answers no more", [metrics(3)], 2],
  ])(
    "given a worker that %s, when it shall stop, then the hook waits for that and no longer",
    async (_, answers, asked) => {
      expect(await questions(answers)).toBe(asked);
    },
  );
});
