import type { Command } from "commander";

/** Ends the command, as wrong usage, where one of two options is given without the other. */
export function together(command: Command, ...names: readonly [`--${string}`, `--${string}`]): void {
  const options = command.options.filter(({ long }) => names.some((name) => name === long));
  const given = options.filter((option) => command.getOptionValue(option.attributeName()) !== undefined);
  if (given.length !== 1) return;
  command.error(`error: options ${options.map(({ flags }) => `'${flags}'`).join(" and ")} need each other`);
}
