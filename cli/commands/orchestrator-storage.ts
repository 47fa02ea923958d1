import { userInfo } from "node:os";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import { Command, Option } from "commander";
import { loadStorages } from "../../orchestrator/lazy";
import type { StorageKind } from "../../orchestrator/storage/open";
import type { Place } from "../../orchestrator/storage/copy/places";
import type { Sums } from "../../orchestrator/storage/copy/sums";
import { UserError } from "../../stacks/errors";
import { clientOf, type Common } from "../service-client";
import { LiveLine, progressText } from "../live-line";
import { surrealOptions, surrealServer, type SurrealOptions } from "./surrealdb-options";
import { style } from "../terminal";

const KINDS = ["filesystem", "surrealdb-embedded", "surrealdb-server"] as const satisfies readonly StorageKind[];

interface From extends SurrealOptions {
  from: StorageKind;
  sourceDir: string;
}
interface To extends SurrealOptions {
  to: StorageKind;
  targetDir?: string;
}
interface Json {
  json?: boolean;
}

/** `noetl-ops orchestrator storage`: moves, checks, backs up and restores what an orchestrator keeps. */
export function storageCommand(): Command {
  return new Command("storage")
    .description("Move, check, back up and restore what an orchestrator keeps.")
    .addCommand(migrateCommand())
    .addCommand(validateCommand())
    .addCommand(backupCommand())
    .addCommand(restoreCommand())
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator storage validate --source-dir ./data
  noetl-ops orchestrator storage backup --url http://127.0.0.1:8080 --out orchestrator.backup.gz
  noetl-ops orchestrator storage migrate --from filesystem --to surrealdb-embedded`,
    );
}

function fromOptions(command: Command): Command {
  return command
    .addOption(new Option("--from <kind>", "how the tasks are kept").choices(KINDS).default("filesystem"))
    .option("--source-dir <folder>", "data folder that the orchestrator was served with", "./data");
}

function toOptions(command: Command): Command {
  return command
    .addOption(new Option("--to <kind>", "how they shall be kept").choices(KINDS).makeOptionMandatory())
    .option("--target-dir <folder>", "data folder for it (default: the source's, where both have room)");
}

function serverOptions(command: Command): Command {
  for (const option of surrealOptions()) command.addOption(option);
  return command;
}

function migrateCommand(): Command {
  return serverOptions(toOptions(fromOptions(new Command("migrate"))))
    .description("Move everything to another storage; killed at any moment, the same command goes on.")
    .option("--dry-run", "say what would be moved, and write nothing")
    .option("--rollback", "undo it: take an unfinished copy away, or move all back with what was done since")
    .option("--url <address>", "let the orchestrator there do it, while it works; --from and --source-dir are its own")
    .option("--token-file <file>", "file that holds the token for it, where one is needed")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator storage migrate --from filesystem --to surrealdb-embedded --dry-run
  noetl-ops orchestrator storage migrate --from filesystem --to surrealdb-embedded \\
    --source-dir ./data --target-dir ./surrealdb-data
  noetl-ops orchestrator storage migrate --from filesystem --to surrealdb-embedded --rollback
  noetl-ops orchestrator storage migrate --to surrealdb-embedded --url http://127.0.0.1:8080
  noetl-ops orchestrator storage migrate --to surrealdb-server --surrealdb-url ws://surrealdb:8000 \\
    --surrealdb-username orchestrator --surrealdb-password-file password

Copies, compares by count and checksum, then marks the source as moved: it is kept, and served no more. Before that the source
is as it was. Without --url no orchestrator may run on it; with --url it works on, and needs the role admin; a server is then
the one that it was started with. Exit codes: 0 moved, 1 refused or not whole, 2 wrong usage.`,
    )
    .action(
      async (
        options: From & To & Json & Partial<Common> & { dryRun?: boolean; rollback?: boolean },
        command: Command,
      ) => {
        const { url } = options;
        const modes = [
          options.dryRun === true && "--dry-run",
          options.rollback === true && "--rollback",
          url && "--url",
        ];
        const [first, second] = modes.filter(Boolean);
        if (second) command.error(`error: option '${String(first)}' cannot be used with option '${second}'`);
        if (url !== undefined) {
          await migrateOnline({ ...options, url });
          return;
        }
        const [from, to] = placesOf(options, command);
        await ending([from, to], async () => {
          const storages = loadStorages();
          if (options.dryRun === true) {
            const plan = await storages.planOffline(from, to);
            say(
              options,
              plan,
              () =>
                (plan.target === "moved"
                  ? "nothing would be moved\n"
                  : `${plan.tasks} tasks and ${plan.auditEntries} audit entries would be moved\n`) +
                `from ${plan.from}\n  to ${plan.to}: ${TARGETS[plan.target]}\n`,
            );
          } else {
            const run = options.rollback === true ? storages.rollBack : storages.migrateOffline;
            const done = await withProgress((onProgress) =>
              run(from, to, { by: userInfo().username, now: Date.now, onProgress }),
            );
            const [, last] = options.rollback === true ? [to, from] : [from, to];
            say(options, done ?? { erased: storages.nameOf(to) }, () =>
              done
                ? `${done.wasMoved ? "was moved before" : "moved"}: ${storages.nameOf(last)} has all\n${sumsText(done.sums)}`
                : `taken away: the copy in ${storages.nameOf(to)}\n`,
            );
          }
        });
      },
    );
}

/** Milliseconds between two looks at how far it is. */
const LOOK_MS = 200;

async function migrateOnline(options: To & Common): Promise<void> {
  const client = clientOf(options);
  const body = { to: options.to, ...(options.targetDir !== undefined && { target_dir: resolve(options.targetDir) }) };
  let { data } = await client.post("/storage/migration", { body });
  await withProgress(async (onProgress) => {
    while (["copying", "comparing", "moving"].includes(data.state)) {
      await new Promise((later) => setTimeout(later, LOOK_MS));
      data = (await client.get("/storage/migration")).data ?? data;
      onProgress(data.state, data.done, data.total);
    }
  });
  if (data.state !== "moved") throw new UserError(`not moved: ${data.error ?? data.state}`);
  say(options, data, () => {
    const held = `writes waited ${(data.held_ms ?? 0).toFixed(0)} ms\n`;
    return `moved: ${data.to} has all, and is worked on; ${held}${data.sums ? sumsText(data.sums) : ""}`;
  });
}

const TARGETS = {
  empty: "nothing is there",
  begun: "an earlier attempt's copy, which is gone on with",
  former: "what it was once moved from: it takes what has changed since",
  moved: "everything is there",
} as const;

function validateCommand(): Command {
  return serverOptions(fromOptions(new Command("validate")))
    .description("Look at everything in a storage: chain, references, counts, logs, and what a crash has left.")
    .addOption(new Option("--to <kind>", "check that it can be moved there, too").choices(KINDS))
    .option("--target-dir <folder>", "data folder for that")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator storage validate --source-dir ./data
  noetl-ops orchestrator storage validate --from filesystem --to surrealdb-embedded

A folder is only read: what a crash has left in it stays. No orchestrator may run on it.
Exit codes: 0 sound, 1 something is wrong or it cannot be moved, 2 wrong usage.`,
    )
    .action(async (options: From & Partial<To> & Json, command: Command) => {
      const server = surrealServer(options, command);
      const from = loadStorages().placeOf(options.from, { dataDir: options.sourceDir, server });
      await ending([from], async () => {
        const storages = loadStorages();
        const { to, targetDir: dataDir = options.sourceDir } = options;
        const target = to && storages.placeOf(to, { dataDir, server });
        const found = await withProgress((onProgress) => storages.validateOffline(from, target, onProgress));
        if (found.findings.length > 0) process.exitCode = 1;
        say(options, found, () => {
          const paint = style(process.stdout);
          const { tasks, documents, auditEntries, plan } = found;
          const lines = [
            ...found.notices.map((notice) => `${paint.yellow("left by a crash:")} ${notice}`),
            ...found.findings.map(({ where, what }) => `${paint.red("wrong:")} ${where}: ${what}`),
            ...(found.findings.length > 0
              ? [`${found.findings.length} findings`]
              : [`${paint.green("sound:")} ${tasks} tasks, ${documents} documents, ${auditEntries} audit entries`]),
            ...(plan ? [`can be moved to ${plan.to}: ${TARGETS[plan.target]}`] : []),
          ];
          return lines.map((line) => `${line}\n`).join("");
        });
      });
    });
}

function backupCommand(): Command {
  return serverOptions(fromOptions(new Command("backup")))
    .description("Write everything to one file, with its checksum; only its owner may read it.")
    .requiredOption("--out <file>", "file to write; one that is there is replaced once the new one is whole")
    .option("--url <address>", "of the orchestrator there, while it works; --from and --source-dir are its own")
    .option("--token-file <file>", "file that holds the token for it, where one is needed")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator storage backup --source-dir ./data --out orchestrator.backup.gz
  noetl-ops orchestrator storage backup --url http://127.0.0.1:8080 --out orchestrator.backup.gz

JSON, a line each, compressed by gzip. Without --url no orchestrator may run on the folder; with it the role admin is needed.
Exit codes: 0 written, 1 it could not be, 2 wrong usage.`,
    )
    .action(async (options: From & Json & Partial<Common> & { out: string }, command: Command) => {
      const { url } = options;
      if (url !== undefined) {
        const storages = loadStorages();
        const backup = await clientOf({ ...options, url }).bytes("/storage/backup");
        await storages.keep(options.out, Readable.from(backup));
        const { end } = await storages.readBackup(options.out);
        say(options, { file: options.out, sums: end.end }, () => `written: ${options.out}\n${sumsText(end.end)}`);
        return;
      }
      const server = surrealServer(options, command);
      const from = loadStorages().placeOf(options.from, { dataDir: options.sourceDir, server });
      await ending([from], async () => {
        const sums = await withProgress((onProgress) =>
          loadStorages().backUpOffline(from, options.out, { now: Date.now, onProgress }),
        );
        say(options, { file: options.out, sums }, () => `written: ${options.out}\n${sumsText(sums)}`);
      });
    });
}

function restoreCommand(): Command {
  return serverOptions(toOptions(new Command("restore")))
    .description("Put a backup into an empty storage; killed at any moment, the same command goes on.")
    .argument("<file>", "what storage backup has written")
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      `
Examples:
  noetl-ops orchestrator storage restore orchestrator.backup.gz --to filesystem --target-dir ./data

The whole file is checked before anything is written. Tasks that ran begin another attempt once it is served.
Exit codes: 0 restored, 1 refused or not whole, 2 wrong usage.`,
    )
    .action(async (file: string, options: To & Json, command: Command) => {
      const server = surrealServer(options, command);
      const to = loadStorages().placeOf(options.to, { dataDir: options.targetDir ?? "./data", server });
      await ending([to], async () => {
        const sums = await withProgress((onProgress) =>
          loadStorages().restoreOffline(file, to, { by: userInfo().username, now: Date.now, onProgress }),
        );
        say(options, { file, sums }, () => `restored: ${loadStorages().nameOf(to)}\n${sumsText(sums)}`);
      });
    });
}

function placesOf(options: From & To, command: Command): [Place, Place] {
  const { from, sourceDir, to, targetDir = sourceDir } = options;
  const server = surrealServer(options, command);
  const { placeOf } = loadStorages();
  return [placeOf(from, { dataDir: sourceDir, server }), placeOf(to, { dataDir: targetDir, server })];
}

function say(options: Json, value: unknown, textOf: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value, null, 2)}\n` : textOf());
}

function sumsText({ tasks, lines, documents, audit }: Sums): string {
  return [
    ["tasks", tasks] as const,
    ["lines of logs", lines] as const,
    ["documents", documents] as const,
    ["audit entries", audit] as const,
  ]
    .map(([name, { count, sha256 }]) => `${String(count).padStart(9)}  ${name.padEnd(13)}  ${sha256}\n`)
    .join("");
}

/** Shows on a terminal how far it is. */
async function withProgress<T>(
  run: (onProgress: (what: string, done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const live = process.stderr.isTTY ? new LiveLine(process.stderr) : undefined;
  try {
    return await run((what, done, total) => live?.replace(progressText(done, total, what)));
  } finally {
    live?.end();
  }
}

/** SurrealDB's engine keeps a process alive, however the command ends. */
async function ending(places: readonly Place[], run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    // What follows from the end is said before.
    if (places.some(({ kind }) => kind === "surrealdb-embedded")) setImmediate(() => process.exit());
  }
}
