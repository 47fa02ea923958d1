import { InvalidArgumentError, Option, type Command } from "commander";
import { DATABASE, NAMESPACE } from "../../orchestrator/storage/surreal/names";
import type { SurrealServer } from "../../orchestrator/storage/surreal/connection";
import { passwordIn, textOf } from "../text-files";
import { together } from "../together";

/** Options by which a process reaches a SurrealDB server. */
export interface SurrealOptions {
  surrealdbUrl?: string;
  surrealdbNamespace: string;
  surrealdbDatabase: string;
  surrealdbUsername?: string;
  surrealdbPasswordFile?: string;
  surrealdbCa?: string;
}

export function surrealOptions(): Option[] {
  return [
    new Option("--surrealdb-url <url>", "server of surrealdb-server, as ws://surrealdb:8000").argParser(urlOf),
    new Option("--surrealdb-namespace <name>", "namespace there").argParser(nameOf).default(NAMESPACE),
    new Option("--surrealdb-database <name>", "database there").argParser(nameOf).default(DATABASE),
    new Option("--surrealdb-username <name>", "user there, with --surrealdb-password-file (default: nobody)"),
    new Option("--surrealdb-password-file <file>", "file with the user's password"),
    new Option("--surrealdb-ca <file>", "certificates that it is trusted by, PEM (default: public ones)"),
  ].map((option) => option.helpGroup("SurrealDB server:"));
}

/** The server that the options name, if any; ends the command where they lack one another. */
export function surrealServer(options: SurrealOptions, command: Command): SurrealServer | undefined {
  const { surrealdbUrl: url, surrealdbUsername: username, surrealdbPasswordFile: file, surrealdbCa } = options;
  together(command, "--surrealdb-username", "--surrealdb-password-file");
  const kinds = ["storageType", "from", "to"].map((name) => command.getOptionValue(name) as unknown);
  if (url === undefined && kinds.includes("surrealdb-server") && command.getOptionValue("url") === undefined) {
    command.error("error: surrealdb-server needs option '--surrealdb-url <url>'");
  }
  if (url === undefined) return undefined;
  return {
    url,
    namespace: options.surrealdbNamespace,
    database: options.surrealdbDatabase,
    login: username === undefined || file === undefined ? undefined : { username, password: passwordIn(file) },
    ca: surrealdbCa === undefined ? undefined : textOf(surrealdbCa),
  };
}

function urlOf(text: string): string {
  if (/^wss?:\/\/[^\s/@]+(\/rpc)?\/?$/.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError("It must be as ws://surrealdb:8000 or wss://…, without user and password.");
}

function nameOf(text: string): string {
  if (/^[A-Za-z]\w{0,63}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be a letter, and up to 63 letters, digits and _ more.");
}
