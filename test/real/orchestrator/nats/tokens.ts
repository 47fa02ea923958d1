import { nkeys } from "@nats-io/transport-node";

/** What a server is told to know an operator, and what a user of its is given. */
export interface Operator {
  /** Lines of the server's configuration. */
  conf: string[];
  /** Content of the user's credentials file. */
  credentials: string;
}

const NO_LIMITS = { subs: -1, data: -1, payload: -1 };
const ACCOUNT_LIMITS = {
  ...NO_LIMITS,
  ...{ imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 },
};
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** An operator with a system account, and an account with JetStream that has one user. */
export function makeOperator(): Operator {
  const [operator, system, account] = [nkeys.createOperator(), nkeys.createAccount(), nkeys.createAccount()];
  const user = nkeys.createUser();
  const accountToken = (key: nkeys.KeyPair, name: string, limits: object) =>
    token(operator, key, { name, nats: { type: "account", limits: { ...ACCOUNT_LIMITS, ...limits } } });
  return {
    conf: [
      `operator: ${token(operator, operator, { name: "test", nats: { type: "operator" } })}`,
      `system_account: ${system.getPublicKey()}`,
      `resolver: MEMORY`,
      `resolver_preload {`,
      `  ${system.getPublicKey()}: ${accountToken(system, "SYS", {})}`,
      `  ${account.getPublicKey()}: ${accountToken(account, "NOETL", JETSTREAM)}`,
      `}`,
    ],
    credentials: [
      "-----BEGIN NATS USER JWT-----",
      token(account, user, { name: "orchestrator", nats: { type: "user", pub: {}, sub: {}, ...NO_LIMITS } }),
      "------END NATS USER JWT------",
      "-----BEGIN USER NKEY SEED-----",
      Buffer.from(user.getSeed()).toString(),
      "------END USER NKEY SEED------",
    ].join("\n"),
  };
}

/** What one says of another, signed. */
function token(by: nkeys.KeyPair, of: nkeys.KeyPair, { name, nats }: { name: string; nats: object }): string {
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: by.getPublicKey(), sub: of.getPublicKey(), iat: 1_700_000_000, jti: name };
  const text = `${encoded({ typ: "JWT", alg: "ed25519-nkey" })}.${encoded({ ...claims, name, nats: { ...nats, version: 2 } })}`;
  return `${text}.${Buffer.from(by.sign(Buffer.from(text))).toString("base64url")}`;
}
