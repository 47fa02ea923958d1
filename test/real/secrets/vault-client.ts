import { readFileSync } from "node:fs";
import { request } from "node:https";
import type { LookupFunction } from "node:net";

/** A request of Vault's API. */
export interface VaultRequest {
  method: "GET" | "POST" | "PUT";
  path: string;
  headers?: Record<string, string>;
  body?: object;
}

export interface Answer {
  status: number;
  body: unknown;
}

export type Ask = (request: VaultRequest) => Promise<Answer>;

/** Whatever the name, it is on this machine. */
const lookup: LookupFunction = (_name, options, found) => {
  if (options.all === true) found(null, [{ address: "127.0.0.1", family: 4 }]);
  else found(null, "127.0.0.1", 4);
};

/** Asks a Vault whose certificate this CA, or without one a public one, has signed. */
export function askOver(address: string, ca?: string): Ask {
  return ({ method, path, headers = {}, body }) =>
    new Promise((resolve, reject) => {
      const options = { method, headers, lookup, agent: false, ...(ca !== undefined && { ca }) } as const;
      const sent = request(new URL(path, address), options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, body: text === "" ? undefined : (JSON.parse(text) as unknown) });
        });
      });
      sent.once("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/**
 * Reads a value as the deployment specification says that the server does: `[MOUNT/]PATH#KEY`, without a key only where
 * the secret has exactly one; token and CA from files, read for each fetch.
 *
 * @param variables environment of the server
 */
export async function readKeychain(variables: Readonly<Record<string, string>>, reference: string): Promise<string> {
  const {
    VAULT_ADDR = "http://127.0.0.1:8200",
    VAULT_NAMESPACE,
    NOETL_VAULT_KV_MOUNT = "secret",
    NOETL_VAULT_TOKEN_FILE = "",
    NOETL_VAULT_CA_FILE,
  } = variables;
  const [whole = "", key] = reference.split("#");
  const path = whole.startsWith(`${NOETL_VAULT_KV_MOUNT}/`) ? whole.slice(NOETL_VAULT_KV_MOUNT.length + 1) : whole;
  const ask = askOver(VAULT_ADDR, NOETL_VAULT_CA_FILE && readFileSync(NOETL_VAULT_CA_FILE, "utf8"));
  const { status, body } = await ask({
    method: "GET",
    path: `/v1/${NOETL_VAULT_KV_MOUNT}/data/${path}`,
    headers: {
      "X-Vault-Token": readFileSync(NOETL_VAULT_TOKEN_FILE, "utf8").trim(),
      ...(VAULT_NAMESPACE !== undefined && { "X-Vault-Namespace": VAULT_NAMESPACE }),
    },
  });
  if (status !== 200) throw new Error(`Vault answers ${status}`);
  const { data } = (body as { data: { data: Record<string, string> } }).data;
  const keys = Object.keys(data);
  if (key === undefined && keys.length !== 1) throw new Error(`the secret has ${keys.length} keys`);
  const value = data[key ?? keys[0] ?? ""];
  if (value === undefined) throw new Error(`the secret has no key ${key ?? ""}`);
  return value;
}
