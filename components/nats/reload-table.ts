import { createHash } from "node:crypto";

/**
 * When an edit of nats.conf takes effect: by a reload of the running server (`reload`), by a restart (`restart`), by a
 * reload if a number grows and by a restart if it shrinks (`growth`).
 */
export type Effect = "reload" | "restart" | "growth";

/** What is known of the settings at a path and below it. */
export interface ReloadRow {
  /** Blocks and key with dots between them; `*` stands for one name. */
  path: string;
  effect: Effect;
}

/**
 * What nats-server 2.15 was seen to do, each row in test/real/nats/reload.test.ts. Of several rows for a path the
 * longest counts; what no row names needs a restart.
 */
export const RELOAD_TABLE: readonly ReloadRow[] = [
  { path: "accounts", effect: "reload" },
  { path: "allow_non_tls", effect: "restart" },
  { path: "cluster.authorization", effect: "reload" },
  { path: "cluster.compression", effect: "reload" },
  { path: "cluster.host", effect: "restart" },
  { path: "cluster.name", effect: "restart" },
  { path: "cluster.pool_size", effect: "reload" },
  { path: "cluster.port", effect: "restart" },
  { path: "cluster.routes", effect: "reload" },
  { path: "cluster.tls", effect: "reload" },
  { path: "debug", effect: "reload" },
  { path: "gateway", effect: "restart" },
  { path: "http_port", effect: "restart" },
  { path: "jetstream.domain", effect: "restart" },
  { path: "jetstream.max_file_store", effect: "growth" },
  { path: "jetstream.max_memory_store", effect: "growth" },
  { path: "jetstream.max_outstanding_catchup", effect: "restart" },
  { path: "jetstream.store_dir", effect: "restart" },
  { path: "jetstream.sync_interval", effect: "restart" },
  { path: "jetstream.unique_tag", effect: "restart" },
  { path: "lame_duck_duration", effect: "restart" },
  { path: "lame_duck_grace_period", effect: "restart" },
  { path: "leafnodes", effect: "restart" },
  { path: "logtime", effect: "reload" },
  { path: "max_connections", effect: "reload" },
  { path: "max_control_line", effect: "reload" },
  { path: "max_payload", effect: "reload" },
  { path: "max_pending", effect: "restart" },
  { path: "max_subscriptions", effect: "restart" },
  { path: "ping_interval", effect: "reload" },
  { path: "ping_max", effect: "reload" },
  { path: "port", effect: "restart" },
  { path: "server_name", effect: "restart" },
  { path: "server_tags", effect: "reload" },
  { path: "tls", effect: "reload" },
  { path: "trace", effect: "reload" },
  { path: "write_deadline", effect: "reload" },
];

/** A setting of a nats.conf: where it stands, and its text. */
export interface ConfEntry {
  path: string;
  value: string;
}

/** An edit of one setting, and when it takes effect. */
export interface ConfChange {
  path: string;
  before: string | undefined;
  after: string | undefined;
  effect: "reload" | "restart";
}

/** What the table says of a path. */
export function effectOf(path: string): Effect {
  const rows = RELOAD_TABLE.filter((row) => path === row.path || path.startsWith(`${row.path}.`));
  return rows.sort((one, other) => other.path.length - one.path.length)[0]?.effect ?? "restart";
}

/**
 * The settings of a nats.conf in the form that conf-text writes: one statement a line, blocks and lists over several
 * lines. Comments are no part of values. What is written otherwise still differs where the text does.
 */
export function confEntries(text: string): ConfEntry[] {
  const blocks: string[] = [];
  const entries: ConfEntry[] = [];
  let list: ConfEntry | undefined;
  for (const line of text.split("\n").map((raw) => raw.trim())) {
    if (list) {
      list.value += ` ${line}`;
      if (line === "]") list = undefined;
      continue;
    }
    if (line === "" || line.startsWith("#")) continue;
    const opened = /^("[^"]*"|[\w$-]+)\s*:?\s*\{$/.exec(line);
    if (opened) {
      blocks.push(unquoted(opened[1] ?? ""));
      continue;
    }
    if (line === "}") {
      blocks.pop();
      continue;
    }
    const [, key = line, value = ""] = /^("[^"]*"|[\w$-]+)(?:\s*[:=]\s*|\s+)(.*)$/.exec(line) ?? [];
    const entry = { path: [...blocks, unquoted(key)].join("."), value: withoutComment(value) };
    entries.push(entry);
    if (value === "[") list = entry;
  }
  return entries;
}

/** What an edit changes, in the order of the paths. */
export function confChanges(before: string, after: string): ConfChange[] {
  const [old, now] = [before, after].map((text) => new Map(confEntries(text).map(({ path, value }) => [path, value])));
  const paths = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
  return paths.flatMap((path) => {
    const change = { path, before: old?.get(path), after: now?.get(path) };
    return change.before === change.after ? [] : [{ ...change, effect: effectOfChange(change) }];
  });
}

/**
 * First 16 hexadecimal digits of the SHA-256 of what only a restart makes effective. A size that a reload can raise
 * counts among it, since nothing here knows whether it was raised.
 */
export function restartChecksum(conf: string): string {
  const kept = confEntries(conf).filter(({ path }) => effectOf(path) !== "reload");
  return createHash("sha256")
    .update(JSON.stringify(kept.map(({ path, value }) => [path, value])))
    .digest("hex")
    .slice(0, 16);
}

function effectOfChange({ path, before, after }: Omit<ConfChange, "effect">): ConfChange["effect"] {
  const effect = effectOf(path);
  if (effect !== "growth") return effect;
  return Number(after) > Number(before) ? "reload" : "restart";
}

function unquoted(key: string): string {
  return key.replace(/^"(.*)"$/, "$1");
}

/** Only numbers have comments behind them here, and a `#` in a string is no comment. */
function withoutComment(value: string): string {
  return value.replace(/^(\d+)\s+#.*$/, "$1");
}
