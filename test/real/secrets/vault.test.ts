import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { manifestOf, type Manifest, type ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { workloadsOf } from "../../../preview/workloads";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { buildPlace } from "../../../tools/cache";
import { TOOLS } from "../../../tools/catalog";
import { findTool } from "../../../tools/find";
import { describeUnless } from "../stacks/requirements";
import { freePort } from "../support/ports";
import { startSupervisor, type Supervisor } from "../support/supervisor";
import { waitFor } from "../support/wait";
import { createAuthority } from "../cluster/certificates";
import { type Answer, type Ask, askOver, readKeychain } from "./vault-client";

/*
 * What a real HashiCorp Vault (its published core, HTTP API and KV engine) answers to the settings that we render: the
 * server's keychain as the deployment specification has it read one, and each entry that the External Secrets Operator
 * is told to fetch. Not proved here: that server and operator send these requests, and the Kubernetes auth method.
 */

/** Why there is no Vault here: it is not built for a run of all tests, because that takes longer than all the others. */
function vaultMissing(): string | undefined {
  const { recipe, slow } = TOOLS["vault-dev"];
  if (existsSync(buildPlace(recipe, process.env).home)) return undefined;
  return `vault-dev not built: ${slow ?? "it takes long"}; build it with: npx tsx tools/main.ts vault-dev`;
}

const HOST = "vault.example.com";

const stackFile = (port: number, folder: string): string => `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:server:
    keychain:
      vault:
        address: https://${HOST}:${port}
        kvMount: kv
        tokenFile: ${folder}/token
        caFile: ${folder}/ca.crt
        filesSecret: vault-files
  noetl:secretProvider:
    kind: vault
    folder: prod/noetl
    caConfigMap: vault-ca
`;

interface ExternalSecretSpec {
  data: { secretKey: string; remoteRef: { key: string; property: string } }[];
}

describeUnless(vaultMissing(), "HashiCorp Vault", () => {
  let supervisor: Supervisor | undefined;
  let graph: ResourceGraph;
  let variables: Record<string, string>;
  /** As root, whom the platform never is. */
  let asRoot: Ask;
  /** As whoever reads the platform's entries. */
  let reader: string;
  let ask: Ask;

  const objects = (kind: string): Manifest[] =>
    graph.resources.flatMap((resource) => manifestOf(resource) ?? []).filter((object) => object.kind === kind);
  const wanted = (): ExternalSecretSpec["data"] =>
    objects("ExternalSecret").flatMap(({ spec }) => (spec as unknown as ExternalSecretSpec).data);

  beforeAll(async () => {
    const tool = await findTool("vault-dev");
    if (!tool.found) throw new Error(tool.reason);
    supervisor = await startSupervisor("noetl-vault-");
    const { folder } = supervisor;
    const authority = await createAuthority("vault CA");
    const { certificate, key } = await authority.server([HOST]);
    const files = { "ca.crt": authority.certificate, "server.crt": certificate, "server.key": key };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const port = await freePort();
    const { log } = await supervisor.start({
      name: "vault",
      command: tool.path,
      arguments: [`127.0.0.1:${port}`, join(folder, "server.crt"), join(folder, "server.key")],
    });
    const root = await waitFor("Vault to say its token", () => /^hvs\.\S+$/m.exec(readFileSync(log, "utf8"))?.[0]);
    ask = askOver(`https://${HOST}:${port}`, authority.certificate);
    asRoot = (request) => ask({ ...request, headers: { "X-Vault-Token": root, ...request.headers } });

    graph = await renderStack(parseStackFile(stackFile(port, folder), "Pulumi.vault.yaml"));
    const server = workloadsOf(graph).find(({ name }) => name === "noetl-server-rust");
    variables = Object.fromEntries(
      (server?.containers ?? [])
        .flatMap(({ env }) => env)
        .flatMap(({ name, value }) => (value === undefined ? [] : [[name, value]])),
    );

    await asRoot({ method: "POST", path: "/v1/sys/mounts/kv", body: { type: "kv", options: { version: "2" } } });
    await waitFor("the engine to be ready", async () => {
      const { status } = await write("prod/noetl/ready", { value: "yes" });
      return status === 200 ? true : undefined;
    });
    for (const { remoteRef } of wanted())
      await write(remoteRef.key, { [remoteRef.property]: `value of ${remoteRef.key}` });
    await write("playbooks/crm", { token: "of a playbook", other: "x" });
    await write("playbooks/one", { only: "one key" });
    const policy = 'path "kv/data/prod/noetl/*" { capabilities = ["read"] }';
    await asRoot({ method: "PUT", path: "/v1/sys/policies/acl/noetl", body: { policy } });
    await asRoot({
      method: "PUT",
      path: "/v1/sys/policies/acl/keychain",
      body: { policy: 'path "kv/data/playbooks/*" { capabilities = ["read"] }' },
    });
    reader = await tokenWith("noetl");
  });

  afterAll(() => supervisor?.stop());

  const write = (path: string, data: Record<string, string>): Promise<Answer> =>
    asRoot({ method: "POST", path: `/v1/kv/data/${path}`, body: { data } });

  async function tokenWith(policy: string): Promise<string> {
    const { body } = await asRoot({ method: "POST", path: "/v1/auth/token/create", body: { policies: [policy] } });
    return (body as { auth: { client_token: string } }).auth.client_token;
  }

  it("gives each entry of the platform's Secrets to whoever has the documented policy, and nothing else", async () => {
    const asReader: Ask = (request) => ask({ ...request, headers: { "X-Vault-Token": reader } });
    const entries = wanted();
    expect(entries.length).toBeGreaterThanOrEqual(9);
    for (const { remoteRef } of entries) {
      const { status, body } = await asReader({ method: "GET", path: `/v1/kv/data/${remoteRef.key}` });
      expect([remoteRef.key, status]).toStrictEqual([remoteRef.key, 200]);
      expect((body as { data: { data: unknown } }).data.data).toStrictEqual({ value: `value of ${remoteRef.key}` });
    }
    for (const path of ["playbooks/crm", "prod", "prod/noetl2/x"]) {
      expect((await asReader({ method: "GET", path: `/v1/kv/data/${path}` })).status).toBe(403);
    }
    const changed = await asReader({
      method: "POST",
      path: `/v1/kv/data/${entries[0]?.remoteRef.key ?? ""}`,
      body: { data: {} },
    });
    expect(changed.status).toBe(403);
  });

  it("is what store and keychain both point to", () => {
    const stores = objects("SecretStore").map(({ spec }) => (spec as { provider: { vault: object } }).provider.vault);
    expect(new Set(stores.map((store) => JSON.stringify(store))).size).toBe(1);
    expect(stores[0]).toMatchObject({
      server: variables.VAULT_ADDR,
      path: variables.NOETL_VAULT_KV_MOUNT,
      version: "v2",
    });
    expect(variables.VAULT_TOKEN).toBeUndefined();
  });

  it("answers the server's keychain by the rendered variables, as the specification reads them", async () => {
    const token = variables.NOETL_VAULT_TOKEN_FILE ?? "";
    writeFileSync(token, `${await tokenWith("keychain")}\n`);

    expect(await readKeychain(variables, "playbooks/crm#token")).toBe("of a playbook");
    expect(await readKeychain(variables, "kv/playbooks/crm#other")).toBe("x");
    expect(await readKeychain(variables, "playbooks/one")).toBe("one key");
    await expect(readKeychain(variables, "playbooks/crm")).rejects.toThrow("2 keys");
    await expect(readKeychain(variables, "playbooks/none#a")).rejects.toThrow("404");
    await expect(readKeychain(variables, "prod/noetl/noetl-encryption-key#value")).rejects.toThrow("403");
  });

  it("takes a new token with the next fetch, because the file is read again", async () => {
    const token = variables.NOETL_VAULT_TOKEN_FILE ?? "";
    const old = readFileSync(token, "utf8").trim();
    await asRoot({ method: "POST", path: "/v1/auth/token/revoke", body: { token: old } });
    await expect(readKeychain(variables, "playbooks/one")).rejects.toThrow("403");

    writeFileSync(token, await tokenWith("keychain"));

    expect(await readKeychain(variables, "playbooks/one")).toBe("one key");
  });

  it("is not believed without its CA", async () => {
    const { NOETL_VAULT_CA_FILE: _, ...others } = variables;
    await expect(readKeychain(others, "playbooks/one")).rejects.toThrow(/certificate/);
  });
});
