import { parseQuantity } from "../../../components/kubernetes/quantity";
import { NOETL_USER, SYSTEM_USER } from "../../../components/nats/accounts";
import { firstIndexes, repetitions, rule, when } from "./rule";

/** What the platform itself has. */
const ACCOUNTS = [SYSTEM_USER.account, NOETL_USER.account];
const USERS = [SYSTEM_USER.user, NOETL_USER.user];

/** nats-server believes max_file_store, not the disk, and does not recover from a full one. */
export const fileStoreInVolume = rule(
  "`nats.jetstream.file` is at most `nats.storage`",
  ["nats"],
  ({ nats: { jetstream, storage } }) =>
    when((parseQuantity(jetstream.file) ?? 0) > (parseQuantity(storage) ?? 0), {
      path: ["nats", "jetstream", "file"],
      message: `${jetstream.file} does not fit on the volume of ${storage}`,
      allowed: `at most nats.storage, ${storage}; better four fifths of it`,
      see: ["nats", "storage"],
    }),
);

export const distinctAccounts = rule(
  "each of `nats.accounts` has a `name` of its own, none of them `NOETL`",
  ["nats"],
  ({ nats: { accounts } }) => {
    const names = accounts.map(({ name }) => name);
    return [
      ...names.flatMap((name, index) =>
        when(ACCOUNTS.includes(name), {
          path: ["nats", "accounts", index, "name"],
          message: `"${name}" is an account that the platform has already`,
          allowed: `another name than ${ACCOUNTS.join(" and ")}`,
        }),
      ),
      ...repetitions(names).map(([index, first]) => ({
        path: ["nats", "accounts", index, "name"] as const,
        message: `"${names[index] ?? ""}" is the name of nats.accounts[${first}] already`,
        allowed: "a name of its own for each account",
        see: ["nats", "accounts", first, "name"] as const,
      })),
    ];
  },
);

/** nats-server refuses a user of two accounts: a login names no account. */
export const distinctUsers = rule(
  "a user stands in one of `nats.accounts` only, and is neither `sys` nor `noetl`",
  ["nats"],
  ({ nats: { accounts } }) => {
    const all = accounts.flatMap(({ users }, account) => users.map((user, index) => ({ user, account, index })));
    const firsts = firstIndexes(all.map(({ user }) => user));
    return all.flatMap(({ user, account, index }, position) => {
      const first = all[firsts.get(user) ?? position];
      const path = ["nats", "accounts", account, "users", index] as const;
      if (USERS.includes(user)) {
        return [{ path, message: `"${user}" is a user that the platform has already`, allowed: "another name" }];
      }
      if (!first || first === all[position]) return [];
      return [
        {
          path,
          message: `"${user}" is a user of nats.accounts[${first.account}] already, and a login names no account`,
          allowed: "each user once",
          see: ["nats", "accounts", first.account, "users", first.index] as const,
        },
      ];
    });
  },
);

export const passwordsOfUsers = rule(
  "each of `secrets.natsUsers` is a user of `nats.accounts`, and stands there once",
  ["nats", "secrets"],
  ({ nats: { accounts }, secrets: { natsUsers = [] } }) => {
    const users = accounts.flatMap((account) => account.users);
    const given = natsUsers.map(({ user }) => user);
    return [
      ...given.flatMap((user, index) =>
        when(!users.includes(user), {
          path: ["secrets", "natsUsers", index, "user"],
          message: `no account has a user "${user}"`,
          allowed: users.length > 0 ? `one of ${users.join(", ")}` : "nothing, unless nats.accounts has users",
        }),
      ),
      ...repetitions(given).map(([index, first]) => ({
        path: ["secrets", "natsUsers", index, "user"] as const,
        message: `"${given[index] ?? ""}" has a password in secrets.natsUsers[${first}] already`,
        allowed: "each user once",
        see: ["secrets", "natsUsers", first, "user"] as const,
      })),
    ];
  },
);

export const distinctNodePorts = rule("`nats.nodePorts` are two different ports", ["nats"], ({ nats: { nodePorts } }) =>
  when(nodePorts !== undefined && nodePorts.client === nodePorts.monitoring, {
    path: ["nats", "nodePorts", "monitoring"],
    message: `${nodePorts?.monitoring ?? ""} is the port of clients already`,
    allowed: "another port than nats.nodePorts.client",
    see: ["nats", "nodePorts", "client"],
  }),
);

/** nats-server refuses its configuration. */
export const payloadInPending = rule(
  "`nats.maxPayload` is at most `nats.extra.maxPending`",
  ["nats"],
  ({ nats: { maxPayload, extra } }) =>
    when(
      extra.maxPending !== undefined &&
        (parseQuantity(maxPayload) ?? 0) > (parseQuantity(extra.maxPending) ?? Infinity),
      {
        path: ["nats", "extra", "maxPending"],
        message: `${extra.maxPending ?? ""} is less than one message may have, ${maxPayload}`,
        allowed: `at least nats.maxPayload, ${maxPayload}`,
        see: ["nats", "maxPayload"],
      },
    ),
);

export const oneSyncInterval = rule(
  "`nats.extra` has `syncInterval` or `syncAlways`, not both",
  ["nats"],
  ({ nats: { extra } }) =>
    when(extra.syncAlways && extra.syncInterval !== undefined, {
      path: ["nats", "extra", "syncInterval"],
      message: "has no effect when every message is forced to the disk",
      allowed: "no syncInterval with syncAlways: true",
      see: ["nats", "extra", "syncAlways"],
    }),
);

export const oneCertificate = rule(
  "`nats.tls` has one of `issuer`, `secretName` and `platform`",
  ["nats"],
  ({ nats: { tls } }) => {
    if (!tls) return [];
    const sources = [tls.issuer !== undefined, tls.secretName !== undefined, tls.platform].filter(Boolean).length;
    return when(sources !== 1, {
      path: ["nats", "tls"],
      message: sources === 0 ? "says no source of certificates" : "says several sources of certificates",
      allowed:
        "issuer for a certificate by cert-manager, secretName for one that exists, or platform: true for one of noetl:tls",
    });
  },
);
