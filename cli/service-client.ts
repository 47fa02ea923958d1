import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { loadClient } from "../orchestrator/lazy";
import type { Answered, Client } from "../orchestrator/client";
import { UserError } from "../stacks/errors";

/** What every command has that asks an orchestrator. */
export interface Common {
  url: string;
  tokenFile?: string;
  json?: boolean;
}

/** Adds the options of `Common`. */
export function asking(command: Command): Command {
  return command
    .option("--url <address>", "address of the orchestrator", "http://127.0.0.1:8080")
    .option("--token-file <file>", "file that holds the token, where one is needed")
    .option("--json", "print the answer as JSON");
}

export function clientOf({ url, tokenFile }: Common): Client {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new UserError(`--url ${url} is no address; give one as http://127.0.0.1:8080`);
  }
  const { Client } = loadClient();
  return new Client({ url, token: tokenFile === undefined ? undefined : tokenIn(tokenFile) });
}

/** Prints an answer: as JSON where that is asked for, else as text for people. */
export function print<T>(answer: Answered<T>, { json }: Common, textOf: (data: T) => string): void {
  process.stdout.write(json === true ? `${JSON.stringify(answer, null, 2)}\n` : textOf(answer.data));
}

function tokenIn(file: string): string {
  try {
    return readFileSync(file, "utf8")
      .replace(/^token: /, "")
      .trim();
  } catch (error) {
    throw new UserError(`cannot read the token in ${file}: ${(error as Error).message}`);
  }
}
