import type { Command } from "commander";

/**
 * Makes a command tell of each mistake in its arguments what there is instead, and which help says more. Commander says
 * so only where a name is near another one.
 */
export function tellUsage(command: Command): void {
  command
    .configureOutput({
      outputError: (text, write) => {
        write([...said(command, text.trimEnd()), ""].join("\n"));
      },
    })
    .showHelpAfterError(`next: ${nameOf(command)} --help`);
}

/** A command's name with those of the commands that it belongs to: `noetl-ops config set`. */
function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

function said(command: Command, message: string): string[] {
  if (message.startsWith("error: too many arguments")) return tooMany(command);
  if (message.startsWith("error: missing required argument")) {
    return [message, `usage: ${nameOf(command)} ${command.usage()}`, ...choices(command)];
  }
  if (message.includes("\n")) return [message];
  if (message.startsWith("error: unknown command")) return [message, list(commandsOf(command))];
  if (message.startsWith("error: unknown option")) {
    // A group has no options but --help: its commands have them.
    const names = command.commands.length > 0 && optionsOf(command).length === 0 ? commandsOf(command) : [];
    return [
      message,
      names.length > 0 ? `name a command first: ${names.join(", ")}` : list([...optionsOf(command), "--help"]),
    ];
  }
  return [message];
}

/** `preview gke` is what everybody types once. */
function tooMany(command: Command): string[] {
  const extra = command.args.slice(command.registeredArguments.length);
  const takes = command.registeredArguments.map((one) => (one.required ? `<${one.name()}>` : `[${one.name()}]`));
  const [first = ""] = extra;
  const message = `error: '${extra.join(" ")}' is too much: ${nameOf(command)} takes ${takes.length === 0 ? "options only" : takes.join(" ")}`;
  return optionsOf(command).includes("--stack") ? [message, `(Did you mean --stack ${first}?)`] : [message];
}

function choices(command: Command): string[] {
  const missing = command.registeredArguments.find(({ argChoices }) => argChoices !== undefined);
  return missing?.argChoices === undefined ? [] : [list(missing.argChoices)];
}

function commandsOf(command: Command): string[] {
  return command.commands.map((one) => one.name());
}

function optionsOf(command: Command): string[] {
  return command.options.flatMap(({ long }) => long ?? []);
}

function list(names: readonly string[]): string {
  return `there are: ${names.join(", ")}`;
}
