import { Command, InvalidArgumentError, Option } from "commander";
import type { AuditEntry } from "../../orchestrator/storage/audit";
import { loadOfflineAudit } from "../../orchestrator/lazy";
import { whole } from "../numbers";
import { style } from "../terminal";

interface Common {
  dataDir: string;
  json?: boolean;
}

/** `noetl-ops orchestrator audit`: who did what, from the folder of an orchestrator; none needs to run. */
export function auditCommand(): Command {
  return new Command("audit")
    .description(
      "Read and verify the audit log in a folder; no orchestrator needs to run, and one that runs is no hindrance.",
    )
    .addCommand(verifyCommand())
    .addCommand(showCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator audit verify --data-dir ./data
  noetl-ops orchestrator audit show --data-dir ./data --last 10`,
    );
}

function reading(command: Command): Command {
  return command
    .option("--data-dir <folder>", "folder that the orchestrator was served with", "./data")
    .option("--json", "print JSON");
}

function verifyCommand(): Command {
  return reading(new Command("verify"))
    .description("Follow the chain of hashes, and name the first entry that was changed, added or taken out.")
    .addOption(
      new Option("--contains <hash>", "a hash that was printed before, which must still be in the chain").argParser(
        hash,
      ),
    )
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator audit verify --data-dir ./data
  noetl-ops orchestrator audit verify --contains 5f1d… && echo 'nothing was cut off since'

Where older files of the log were archived away, what is there is verified, and the hash of the last entry before it is printed:
it must be the one that verifying the archived files has printed last, and --contains takes it, too.

A chain shows what was changed in it, not what was cut off its end: keep the hash that is printed somewhere else, and give it
to --contains the next time. Exit codes: 0 whole, 1 broken or cut off, 2 wrong usage.`,
    )
    .action(async ({ dataDir, json, contains }: Common & { contains?: string }) => {
      const audit = await loadOfflineAudit().OfflineAudit.open(dataDir);
      const verdict = await audit.verify(contains);
      const good = verdict.whole && verdict.found !== false;
      if (!good) process.exitCode = 1;
      if (json === true) {
        process.stdout.write(`${JSON.stringify(verdict, null, 2)}\n`);
        return;
      }
      const paint = style(process.stdout);
      if (!verdict.whole) {
        process.stdout.write(`${paint.red("broken")} at entry ${verdict.at}: ${verdict.reason}\n`);
        return;
      }
      const waiting = verdict.unwritten === 0 ? "" : `, ${verdict.unwritten} of them in the log of commits only so far`;
      process.stdout.write(
        `${paint.green("whole")}: ${verdict.entries} entries${waiting}, the last hash is ${verdict.hash}\n`,
      );
      if (verdict.after) {
        const { n, hash: before } = verdict.after;
        process.stdout.write(`they follow entry ${n}, which was archived away; its hash is ${before}\n`);
      }
      if (verdict.found === false) {
        process.stdout.write(`${paint.red("cut off")}: no entry has the hash ${contains ?? ""}\n`);
      }
    });
}

function showCommand(): Command {
  return reading(new Command("show"))
    .description("Print entries: who did what, when and why.")
    .option("--task <id>", "only those about a task")
    .option("--by <name>", "only what somebody did")
    .option("--action <action>", "only those of an action, as task.approved")
    .addOption(new Option("--last <number>", "only so many, the last ones").argParser(whole(1, 1e6)))
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator audit show --data-dir ./data --last 20
  noetl-ops orchestrator audit show --by ann --action task.approved --json

With --json an object a line. Exit codes: 0 done, 1 it cannot be read, 2 wrong usage.`,
    )
    .action(
      async ({
        dataDir,
        json,
        task,
        by,
        action,
        last,
      }: Common & Partial<Pick<AuditEntry, "task" | "by" | "action">> & { last?: number }) => {
        const audit = await loadOfflineAudit().OfflineAudit.open(dataDir);
        const matches = (entry: AuditEntry) =>
          (task === undefined || entry.task === task) &&
          (by === undefined || entry.by === by) &&
          (action === undefined || entry.action === action);
        const print = (entry: AuditEntry) => {
          process.stdout.write(
            json === true ? `${JSON.stringify({ ...entry, at: new Date(entry.at) })}\n` : lineOf(entry),
          );
        };
        const kept: AuditEntry[] = [];
        for await (const entry of audit.entries()) {
          if (!matches(entry)) continue;
          if (last === undefined) print(entry);
          else if (kept.push(entry) > last) kept.shift();
        }
        kept.forEach(print);
      },
    );
}

function lineOf({ n, at, by, action, task, why }: AuditEntry): string {
  const paint = style(process.stdout);
  const words = [
    String(n).padStart(6),
    new Date(at).toISOString(),
    action.padEnd(18),
    task ?? "",
    `${by}: ${why ?? ""}`,
  ];
  return `${paint.dim(words.slice(0, 2).join("  "))}  ${words.slice(2).filter(Boolean).join("  ")}\n`;
}

function hash(text: string): string {
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be the 64 hex digits that verify prints.");
}
