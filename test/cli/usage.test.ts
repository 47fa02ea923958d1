import type { Command } from "commander";
import { describe, expect, test } from "@jest/globals";
import { program } from "../../cli/main";
import { ran } from "./ran";

/** A command, by its names and by what it is. */
interface Found {
  name: string;
  path: string[];
  command: Command;
}

function all(command: Command, path: string[] = []): Found[] {
  const below = command.commands.flatMap((one) => all(one, [...path, one.name()]));
  return [{ name: ["noetl-ops", ...path].join(" "), path, command }, ...below];
}

const COMMANDS = all(program());
const GROUPS = COMMANDS.filter(({ command }) => command.commands.length > 0 && command.options.length <= 1);
const NEEDY = COMMANDS.filter(({ command }) => command.registeredArguments.some((one) => one.required));

/** A mistake of usage: exit code, all on standard error, what there is, and which help says more; no trace. */
async function mistake(path: string[], more: string[]): Promise<string> {
  const { status, stdout, stderr } = await ran([...path, ...more]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).not.toMatch(/^ +at |Error:/m);
  expect(stderr).toMatch(/^error: /);
  return stderr;
}

describe.each(COMMANDS)("$name", ({ name, path, command }) => {
  test("given --help, says how it is used, with an example that begins with its name", async () => {
    const { status, stdout, stderr } = await ran([...path, "--help"]);

    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^Usage: ${name} `));
    expect(stdout.slice(stdout.indexOf("\nExamples:\n"))).toMatch(new RegExp(`^\nExamples:\n(.*\n)*.*${name}\\b`));
  });

  test("given an option that is none, names those that there are, and its help", async () => {
    const stderr = await mistake(path, ["--nonsense"]);

    const isMissing = command.options.some((option) => option.mandatory && option.defaultValue === undefined);
    if (!isMissing) {
      expect(stderr).toMatch(
        /^error: unknown option '--nonsense'\n(there are: --[a-z, -]+|name a command first: [a-z, -]+)\n/,
      );
    }
    expect(stderr.endsWith(`\nnext: ${name} --help\n`)).toBe(true);
  });
});

test.each(GROUPS)(
  "$name, given a command that is none, names those that there are",
  async ({ name, path, command }) => {
    const names = command.commands.map((one) => one.name()).join(", ");
    expect(await mistake(path, ["nonsense"])).toBe(
      `error: unknown command 'nonsense'\nthere are: ${names}\nnext: ${name} --help\n`,
    );
  },
);

test.each(NEEDY)("$name, given less than it needs, shows its usage", async ({ name, path, command }) => {
  const needed = command.options.flatMap(({ long, mandatory, defaultValue, argChoices }) =>
    mandatory && defaultValue === undefined && long ? [long, argChoices?.[0] ?? "0"] : [],
  );
  const stderr = await mistake(path, needed);

  expect(stderr).toMatch(/^error: missing required argument '\w+'\n/);
  expect(stderr).toContain(`\nusage: ${name} [options] <`);
  expect(stderr.endsWith(`\nnext: ${name} --help\n`)).toBe(true);
});

test.each([
  ["preview gke", "error: 'gke' is too much: noetl-ops preview takes options only\n(Did you mean --stack gke?)\n"],
  ["network may a b 1 2", "error: '2' is too much: noetl-ops network may takes <from> <to> [port]\n"],
  ["network workers", "error: 'workers' is too much: noetl-ops network takes options only\n(Did you mean --stack "],
  ["query", "error: missing required argument 'name'\nusage: noetl-ops query [options] <name>\nthere are: backlog, "],
  ["secrets --stack gke", "error: unknown option '--stack'\nname a command first: list, rotate\n"],
])("noetl-ops %s", async (args, message) => {
  expect(await mistake([], args.split(" "))).toContain(message);
});

test("a setting that is mistyped is not said to be unset already", async () => {
  const { status, stderr } = await ran(["config", "unset", "server.rustlog"]);
  expect(status).toBe(1);
  expect(stderr).toMatch(
    /^error: noetl:server\.rustlog: there is no such setting\nallowed: .*\ndid you mean: rustLog\n$/s,
  );
});
