import { resolve } from "node:path";
import { createSecureContext } from "node:tls";
import { UserError } from "../stacks/errors";
import { Oidc } from "./api/oidc";
import { Tokens } from "./api/tokens";
import type { LogEntry } from "./api/server";
import type { Engine } from "./engine/engine";
import { OfflineEngine } from "./engine/offline";
import { PulumiEngine } from "./engine/pulumi";
import { RedactingEngine } from "./engine/redacting";
import { StackFolder } from "./engine/stack-folder";
import { readCatalog, type Catalog } from "./environments/catalog";
import { Redactor } from "./redact";
import type { ServiceOptions } from "./service";

/** What an orchestrator has whether or not it works on its storage. */
export interface Base {
  doors: { tokens: Tokens | undefined; oidc: Oidc | undefined };
  catalog: Catalog;
  stacks: StackFolder;
  engine: Engine;
  redactor: Redactor;
  log: (entry: LogEntry) => void;
  warn: (event: string, message: string) => void;
}

/** @throws UserError for files that are wrong, and an address that is open to anybody */
export async function baseOf(options: ServiceOptions): Promise<Base> {
  const { host, tls } = options;
  const redactor = new Redactor(options.secrets);
  const log = (entry: LogEntry) => {
    options.log(redactor.entry(entry));
  };
  const warn = (event: string, message: string) => {
    log({ level: "warn", event, message });
  };
  if (options.tokens === undefined && !options.oidc && !isLoopback(host)) {
    throw new UserError(
      `without tokens, only this machine may connect: leave out --host ${host}, or give --tokens a file or --oidc-issuer a provider (docs/orchestrator.md)`,
    );
  }
  if (tls) assertKeyPair(tls);
  const tokens = options.tokens === undefined ? undefined : Tokens.read(options.tokens);
  const oidc = options.oidc && new Oidc(options.oidc);
  const down = await oidc?.start();
  if (down !== undefined) warn("oidc", down);
  const catalog = readCatalog(options.environments?.folder);
  const stacks = new StackFolder(options.project, options.allowed);
  const engine = new RedactingEngine(engineOf(options.engine ?? "offline", stacks, options.dataDir), redactor);
  return { doors: { tokens, oidc }, catalog, stacks, engine, redactor, log, warn };
}

/** An engine of its own, for a process that works without a service: what it says has no secrets. */
export function engineFor(options: {
  engine: "offline" | "pulumi";
  project: string;
  allowed?: readonly string[] | undefined;
  dataDir: string;
  secrets: readonly string[];
}): Engine {
  const stacks = new StackFolder(options.project, options.allowed);
  return new RedactingEngine(engineOf(options.engine, stacks, options.dataDir), new Redactor(options.secrets));
}

function engineOf(engine: "offline" | "pulumi" | Engine, stacks: StackFolder, dataDir: string): Engine {
  if (typeof engine !== "string") return engine;
  return engine === "pulumi" ? new PulumiEngine(stacks, resolve(dataDir, "pulumi")) : new OfflineEngine(stacks);
}

/** @throws UserError, without what the files hold */
function assertKeyPair(tls: { cert: string; key: string }): void {
  try {
    createSecureContext(tls);
  } catch (error) {
    const { code = "unreadable" } = error as { code?: string };
    throw new UserError(`--tls-cert and --tls-key must be a certificate and its key, both PEM: ${code}`);
  }
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

/** As `http://127.0.0.1:8080`. */
export function urlOf({ host, tls }: Pick<ServiceOptions, "host" | "tls">, port: number): string {
  return `${tls ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
