import type { NatsTlsArgs } from "../components/nats/cluster";
import type { Duration } from "../components/nats/conf";
import { size } from "../components/nats/conf-text";
import type { NatsExtra } from "../components/nats/facts";
import type { TlsIdentity } from "../components/tls/authority";
import type { PlatformSpec } from "./profile";
import type { NatsConfig } from "./schema";

/** The `extra` group in nats.conf's own names. */
export function natsExtra({ extra, replicas }: Pick<NatsConfig, "extra" | "replicas">): NatsExtra | undefined {
  const { syncAlways, syncInterval, compression, poolSize } = extra;
  const sync = syncAlways ? ("always" as const) : (syncInterval as Duration | undefined);
  const cluster = { ...(compression && { compression }), ...(poolSize !== undefined && { pool_size: poolSize }) };
  const all: NatsExtra = {
    ...(extra.maxConnections !== undefined && { max_connections: extra.maxConnections }),
    ...(extra.maxSubscriptions !== undefined && { max_subscriptions: extra.maxSubscriptions }),
    ...(extra.maxPending !== undefined && { max_pending: size(extra.maxPending) }),
    ...(extra.writeDeadline !== undefined && { write_deadline: extra.writeDeadline as Duration }),
    ...(extra.pingInterval !== undefined && { ping_interval: extra.pingInterval as Duration }),
    ...(sync && { jetstream: { sync_interval: sync } }),
    ...(replicas > 1 && Object.keys(cluster).length > 0 && { cluster }),
  };
  return Object.keys(all).length > 0 ? all : undefined;
}

/** Where the certificates come from; `platform`, when there is one of the platform's authority. */
export function natsTls({ tls }: Pick<NatsConfig, "tls">, platform?: TlsIdentity): NatsTlsArgs | undefined {
  if (!tls) return undefined;
  const { clients, issuer, issuerKind: kind, secretName = platform?.secretName ?? "" } = tls;
  return issuer === undefined ? { clients, secretName } : { clients, issuer: { name: issuer, kind } };
}

/** The users of further accounts, with the passwords that are given. */
export function natsUsers({ nats, secrets }: Pick<PlatformSpec, "nats" | "secrets">) {
  const given = new Map((secrets.natsUsers ?? []).map(({ user, password }) => [user, password]));
  const users = nats.accounts.flatMap((account) => account.users);
  return Object.fromEntries(users.map((user) => [user, given.get(user)]));
}
