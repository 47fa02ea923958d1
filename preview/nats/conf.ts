import type { Json } from "../graph";
import { isObject, listOf, textOf, type JsonObject } from "../json";
import { readConf } from "./conf-reader";

/** What a nats.conf says that decides over data; sizes in bytes. */
export interface NatsConf {
  jetstream: boolean;
  domain?: string;
  storeDir: string;
  /** Undefined when the server decides: by the free disk, by the machine's memory. */
  fileStore?: number;
  memoryStore?: number;
  serverName?: string;
  /** Name of the cluster; undefined without a cluster block. */
  cluster?: string;
  /** This cluster's name among the others, and theirs; undefined without a gateway block. */
  gateway?: { name: string; peers: string[] };
}

/** Where nats-server keeps streams when nothing is said. */
const DEFAULT_STORE = "/tmp/nats/jetstream";

/**
 * The facts of a nats.conf.
 *
 * @returns undefined for a text that is another program's.
 * @throws ConfSyntaxError
 */
export function natsConfOf(text: string): NatsConf | undefined {
  const conf = readConf(text);
  const jetstream = setting(conf, "jetstream");
  const cluster = setting(conf, "cluster");
  const gateway = setting(conf, "gateway");
  if (![jetstream, cluster, gateway].some(isObject) && setting(conf, "http_port") === undefined) return undefined;
  const store = isObject(jetstream) ? jetstream : {};
  return compact({
    jetstream: isObject(jetstream) ? !isOff(setting(jetstream, "enabled", "enable")) : isOn(jetstream),
    domain: textOf(setting(store, "domain")),
    storeDir: textOf(setting(store, "store_dir", "storedir", "store")) ?? DEFAULT_STORE,
    fileStore: natsSize(textOf(setting(store, "max_file_store", "max_file")) ?? ""),
    memoryStore: natsSize(textOf(setting(store, "max_memory_store", "max_mem_store", "max_mem")) ?? ""),
    serverName: textOf(setting(conf, "server_name")),
    cluster: isObject(cluster) ? (textOf(setting(cluster, "name")) ?? "") : undefined,
    gateway: isObject(gateway) ? gatewayOf(gateway) : undefined,
  });
}

/** Whether JetStream keeps its state by Raft: with a cluster or a gateway block. Otherwise each server is alone. */
export function isClustered({ cluster, gateway }: NatsConf): boolean {
  return cluster !== undefined || gateway !== undefined;
}

/**
 * A size as nats.conf writes it: `5368709120`, `5GB` and `5Gi` (both binary), `5G` (decimal).
 *
 * @returns undefined when it is no size.
 */
export function natsSize(text: string): number | undefined {
  const match = /^(\d+)(?:(k|m|g|t)(b|i|ib)?)?$/i.exec(text);
  if (!match) return undefined;
  const power = "kmgt".indexOf(match[2]?.toLowerCase() ?? "-") + 1;
  return Number(match[1]) * (match[3] === undefined ? 1000 : 1024) ** power;
}

function gatewayOf(gateway: JsonObject): { name: string; peers: string[] } {
  const name = textOf(setting(gateway, "name")) ?? "";
  const peers = listOf(setting(gateway, "gateways")).flatMap((peer) =>
    isObject(peer) ? (textOf(setting(peer, "name")) ?? []) : [],
  );
  // One file for all clusters may name its own, too.
  return { name, peers: [...new Set(peers)].filter((peer) => peer !== name).sort() };
}

/** nats-server does not tell case in keys, and knows some of them by several names. */
function setting(block: JsonObject, ...names: string[]): Json | undefined {
  return Object.entries(block).findLast(([key]) => names.includes(key.toLowerCase()))?.[1];
}

function isOn(value: Json | undefined): boolean {
  return typeof value === "string" && /^(true|yes|on|enabled?)$/i.test(value);
}

function isOff(value: Json | undefined): boolean {
  return typeof value === "string" && /^(false|no|off|disabled?)$/i.test(value);
}

function compact<T extends object>(facts: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never;
}
