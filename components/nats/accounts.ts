import type { Quantity } from "../kubernetes/quantity";
import { natsString, size, Variable } from "./conf-text";
import type { AccountConf, AccountJetStreamConf, ExportConf, ImportConf } from "./conf";

/** A user that logs in with a password. */
export interface NatsUser {
  account: string;
  user: string;
}

/** Watches the servers: `nats server …` and the server's own events. */
export const SYSTEM_USER: NatsUser = { account: "$SYS", user: "sys" };

/** The platform: commands to the worker pools, events back. */
export const NOETL_USER: NatsUser = { account: "NOETL", user: "noetl" };

/** A further account: its own subjects, streams and users. */
export interface NatsAccount {
  /** Letters, digits, `_` and `-`. */
  name: string;
  /** What it may store; `false` for no streams at all. */
  jetstream: false | NatsAccountLimits;
  /** Names of its users: lower-case letters, digits and `_`; each is a user of one account only. */
  users: readonly string[];
  exports?: readonly ExportConf[] | undefined;
  imports?: readonly ImportConf[] | undefined;
}

/** What an account may store, on all servers together, copies counted. Without an entry: no limit. */
export interface NatsAccountLimits {
  memory?: Quantity | undefined;
  file?: Quantity | undefined;
  streams?: number | undefined;
  consumers?: number | undefined;
}

/** A password for each user. */
export interface NatsPasswords<T = string> {
  /** Password of user `sys` in account `$SYS`. */
  system: T;
  /** Password of user `noetl` in account `NOETL`. */
  noetl: T;
  /** Passwords of the users of further accounts, by user. */
  users?: Record<string, T> | undefined;
}

/** The accounts block of nats.conf; passwords stand in it as variables only. */
export function accountsConf(accounts: readonly NatsAccount[] = []): Record<string, AccountConf> {
  return {
    [SYSTEM_USER.account]: { users: [userConf(SYSTEM_USER)] },
    [NOETL_USER.account]: { jetstream: true, users: [userConf(NOETL_USER)] },
    ...Object.fromEntries(accounts.map((account) => [account.name, accountConf(account)])),
  };
}

/**
 * The file that defines those variables: the content of a Secret. nats-server refuses a variable that no entry uses, so
 * this file and the accounts block name exactly the same users.
 *
 * @throws Error when a password looks like a bcrypt hash: nats-server would take it for the hash of another password;
 * or when one is missing.
 */
export function passwordsConf(passwords: NatsPasswords, accounts: readonly NatsAccount[] = []): string {
  const further = accounts
    .flatMap(({ users }) => users)
    .map((user) => {
      const password = passwords.users?.[user];
      if (password === undefined) throw new Error(`NATS user '${user}' has no password`);
      return definition(user, password);
    });
  return [
    definition(SYSTEM_USER.user, passwords.system),
    definition(NOETL_USER.user, passwords.noetl),
    ...further,
  ].join("");
}

function accountConf({ jetstream, users, exports, imports }: NatsAccount): AccountConf {
  return {
    jetstream: jetstream && limitsConf(jetstream),
    users: users.map((user) => userConf({ user })),
    ...(exports && { exports }),
    ...(imports && { imports }),
  };
}

function limitsConf({ memory, file, streams, consumers }: NatsAccountLimits): AccountJetStreamConf | true {
  const limits = {
    ...(memory !== undefined && { max_memory: size(memory) }),
    ...(file !== undefined && { max_file: size(file) }),
    ...(streams !== undefined && { max_streams: streams }),
    ...(consumers !== undefined && { max_consumers: consumers }),
  };
  return Object.keys(limits).length > 0 ? limits : true;
}

function userConf({ user }: Pick<NatsUser, "user">) {
  return { user, password: new Variable(passwordVariable(user)) };
}

function definition(user: string, password: string): string {
  if (/^\$2[abxy]\$\d\d\$/.test(password)) {
    throw new Error(`the NATS password of user '${user}' looks like a bcrypt hash; give the password itself`);
  }
  return `${passwordVariable(user)}: ${natsString(password)}\n`;
}

function passwordVariable(user: string): string {
  return `NATS_${user.toUpperCase()}_PASSWORD`;
}
