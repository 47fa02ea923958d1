import { InvalidArgumentError, Option, type Command } from "commander";
import type { NatsAccess } from "../../orchestrator/dispatch/connection";
import { UserError } from "../../stacks/errors";
import { passwordIn, textOf } from "../text-files";
import { together } from "../together";

/** Options by which a process reaches NATS. */
export interface NatsOptions {
  natsUrl?: string[];
  natsStream: string;
  natsCreds?: string;
  natsNkey?: string;
  natsUser?: string;
  natsPasswordFile?: string;
  natsCa?: string;
  natsCert?: string;
  natsKey?: string;
}

/** Of a user's nkey. */
const SEED = /\bSU[A-Z2-7]{56}\b/;
const DEFAULT_URL = "nats://127.0.0.1:4222";

export function natsOptions(): Option[] {
  return [
    new Option("--nats-url <url>", `server of NATS; may be repeated (default: ${DEFAULT_URL})`).argParser(urlOf),
    new Option("--nats-stream <name>", "stream of the work, and what its subjects begin with")
      .argParser(streamOf)
      .default("NOETL_ORCHESTRATOR"),
    new Option("--nats-creds <file>", "credentials file, JWT and seed"),
    new Option("--nats-nkey <file>", "seed of an nkey, SUA…").conflicts("natsCreds"),
    new Option("--nats-user <name>", "user, with --nats-password-file").conflicts(["natsCreds", "natsNkey"]),
    new Option("--nats-password-file <file>", "file with the user's password"),
    new Option("--nats-ca <file>", "certificates that NATS is trusted by, PEM (default: public ones)"),
    new Option("--nats-cert <file>", "certificate to show to NATS, PEM; needs --nats-key"),
    new Option("--nats-key <file>", "its key, PEM"),
  ].map((option) => option.helpGroup("NATS, for dispatch:"));
}

/** What the options say; ends the command where they lack one another. */
export function natsAccess(options: NatsOptions, command: Command): NatsAccess {
  const {
    natsUrl: servers = [DEFAULT_URL],
    natsCreds,
    natsNkey,
    natsUser,
    natsPasswordFile,
    natsCa,
    natsCert,
    natsKey,
  } = options;
  together(command, "--nats-user", "--nats-password-file");
  together(command, "--nats-cert", "--nats-key");
  const isTls = natsCa !== undefined || natsCert !== undefined;
  const credentials = natsCreds === undefined ? undefined : textOf(natsCreds);
  if (credentials !== undefined && !(/-+BEGIN NATS USER JWT-+/.test(credentials) && SEED.test(credentials))) {
    throw new UserError(
      "--nats-creds: it is no credentials file, with a user's JWT and seed; get one of `nsc generate creds`",
    );
  }
  const nkey = natsNkey && textOf(natsNkey).trim();
  if (nkey !== undefined && SEED.exec(nkey)?.[0] !== nkey) {
    throw new UserError("--nats-nkey: it is no seed of a user, as SUA…; make one with `nk -gen user`");
  }
  return {
    servers,
    // The client wants a line break after the last line.
    credentials: credentials === undefined ? undefined : Buffer.from(`${credentials.trim()}\n`),
    nkey,
    login:
      natsUser === undefined || natsPasswordFile === undefined
        ? undefined
        : { user: natsUser, password: passwordIn(natsPasswordFile) },
    tls: isTls
      ? { ca: natsCa && textOf(natsCa), cert: natsCert && textOf(natsCert), key: natsKey && textOf(natsKey) }
      : undefined,
  };
}

/** What of an access must stand in no log. */
export function natsSecrets({ login, nkey, credentials }: NatsAccess): string[] {
  const [seed] = SEED.exec(credentials === undefined ? "" : Buffer.from(credentials).toString()) ?? [];
  return [login?.password, nkey, seed].filter((secret) => secret !== undefined);
}

function urlOf(text: string, others: string[] = []): string[] {
  if (/^(nats|tls):\/\/[^\s/@]+$/.test(text) && URL.canParse(text)) return [...others, text];
  throw new InvalidArgumentError("It must be as nats://nats.nats.svc:4222, without user and password.");
}

function streamOf(text: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  throw new InvalidArgumentError("It must be 1 to 64 letters, digits, _ and -.");
}
