import { natsString, Variable } from "./conf-text";
import type { AccountConf } from "./conf";

/** A user that logs in with a password. */
export interface NatsUser {
  account: string;
  user: string;
}

/** Watches the servers: `nats server …` and the server's own events. */
export const SYSTEM_USER: NatsUser = { account: "$SYS", user: "sys" };

/** The platform: commands to the worker pools, events back. */
export const NOETL_USER: NatsUser = { account: "NOETL", user: "noetl" };

/** A password for each user. */
export interface NatsPasswords<T = string> {
  /** Password of user `sys` in account `$SYS`. */
  system: T;
  /** Password of user `noetl` in account `NOETL`. */
  noetl: T;
}

/** The accounts block of nats.conf; passwords stand in it as variables only. */
export function accountsConf(): Record<string, AccountConf> {
  return {
    [SYSTEM_USER.account]: { users: [userConf(SYSTEM_USER)] },
    [NOETL_USER.account]: { jetstream: true, users: [userConf(NOETL_USER)] },
  };
}

/**
 * The file that defines those variables: the content of a Secret. nats-server refuses a variable that no entry uses, so
 * this file and the accounts block name exactly the same users.
 *
 * @throws Error when a password looks like a bcrypt hash: nats-server would take it for the hash of another password.
 */
export function passwordsConf(passwords: NatsPasswords): string {
  return definition(SYSTEM_USER, passwords.system) + definition(NOETL_USER, passwords.noetl);
}

function userConf({ user }: NatsUser) {
  return { user, password: new Variable(passwordVariable(user)) };
}

function definition({ user }: NatsUser, password: string): string {
  if (/^\$2[abxy]\$\d\d\$/.test(password)) {
    throw new Error(`the NATS password of user '${user}' looks like a bcrypt hash; give the password itself`);
  }
  return `${passwordVariable(user)}: ${natsString(password)}\n`;
}

function passwordVariable(user: string): string {
  return `NATS_${user.toUpperCase()}_PASSWORD`;
}
