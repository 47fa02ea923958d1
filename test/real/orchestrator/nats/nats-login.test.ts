import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { nkeys } from "@nats-io/transport-node";
import { ROOT } from "../../../cli/support";
import { createAuthority } from "../../cluster/certificates";
import { waitFor } from "../../support/wait";
import { ServiceProcess } from "../process";
import { NatsServer } from "./server";
import { makeOperator } from "./tokens";

let folder: string;
let server: NatsServer | undefined;
let service: ServiceProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-nats-login-"));
});

afterEach(async () => {
  await service?.end("SIGTERM");
  await server?.stop();
  service = server = undefined;
  rmSync(folder, { recursive: true });
});

/** Puts a text into a file. @returns its path */
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** The last word of an orchestrator that cannot start, and its exit code. */
async function refused(way: readonly string[]): Promise<{ code: unknown; said: string }> {
  const args = ["orchestrator", "serve", "--port", "0", "--data-dir", join(folder, "refused"), "--dispatch", "nats"];
  const child = spawn(process.execPath, [join(ROOT, "cli/bin.cjs"), ...args, ...way], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += String(text)));
  const [code] = (await once(child, "close")) as unknown[];
  return { code, said: said.replaceAll(urlOf(), "URL").trim().split("\n").at(-1) ?? "" };
}

function urlOf(): string {
  return `nats://localhost:${server?.port}`;
}

/** A preview is handed out to a worker that logs in the same way, and ends well. */
async function works(way: readonly string[]): Promise<void> {
  const all = ["--nats-url", urlOf(), ...way];
  service = await ServiceProcess.start(["--dispatch", "nats", "--data-dir", join(folder, "data"), ...all]);
  const args = [join(ROOT, "cli/bin.cjs"), "orchestrator", "work", "--data-dir", join(folder, "worker"), ...all];
  const worker = spawn(process.execPath, args, { stdio: "ignore", env: { PATH: process.env.PATH } });
  try {
    const id = await service.submit({ infra: "kind", operation: "preview" });
    expect(await service.ended(id)).toMatchObject({ status: "Completed" });
  } finally {
    const ended = once(worker, "exit");
    worker.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
  }
}

describe("who an orchestrator and its workers are to NATS", () => {
  test("client certificates: they are the user; a stranger's, and a server that nobody vouches for, are refused", async () => {
    const [authority, other] = [await createAuthority("nats"), await createAuthority("other")];
    const own = await authority.server(["localhost"]);
    const tls = [
      `cert_file: "${file("server.crt", own.certificate)}", key_file: "${file("server.key", own.key)}"`,
      `ca_file: "${file("ca.crt", authority.certificate)}", verify_and_map: true`,
    ];
    server = await NatsServer.start([
      `tls { ${tls.join(", ")} }`,
      `authorization { users: [ { user: "CN=orchestrator" } ] }`,
    ]);
    const shown = async (by: typeof authority, name: string) => {
      const { certificate, key } = await by.client(name);
      return ["--nats-cert", file(`${name}.crt`, certificate), "--nats-key", file(`${name}.key`, key)];
    };
    const ca = ["--nats-ca", join(folder, "ca.crt")];
    const at = ["--nats-url", urlOf()];
    const mine = await shown(authority, "orchestrator");

    await works([...ca, ...mine]);

    expect(await refused([...at, ...ca])).toEqual({
      code: 1,
      said: expect.stringMatching(/^error: cannot use NATS at URL: .+; see --nats-url$/),
    });
    expect(await refused([...at, ...ca, ...(await shown(authority, "somebody"))])).toEqual({
      code: 1,
      said: "error: cannot use NATS at URL: it refuses the login; see --nats-url",
    });
    const strange = ["--nats-ca", file("other.crt", other.certificate)];
    expect(await refused([...at, ...strange, ...mine])).toEqual({
      code: 1,
      said: expect.stringMatching(/^error: cannot use NATS at URL: .*certificate.*; see --nats-url$/),
    });
  });

  test("credentials: a file with a token of the account and the user's seed; others are refused, and shown nowhere", async () => {
    const operator = makeOperator();
    server = await NatsServer.start(operator.conf);

    await works(["--nats-creds", file("orchestrator.creds", operator.credentials)]);

    const stranger = makeOperator().credentials;
    const at = ["--nats-url", urlOf()];
    expect(await refused([...at, "--nats-creds", file("stranger.creds", stranger)])).toEqual({
      code: 1,
      said: "error: cannot use NATS at URL: it refuses the login; see --nats-url",
    });
    expect(await refused([...at, "--nats-creds", file("broken.creds", "SUANOTHING")])).toEqual({
      code: 1,
      said: "error: --nats-creds: it is no credentials file, with a user's JWT and seed; get one of `nsc generate creds`",
    });
  });

  test("an nkey: the server knows its public half; /health and the metrics tell when NATS is away", async () => {
    const user = nkeys.createUser();
    const seed = Buffer.from(user.getSeed()).toString();
    server = await NatsServer.start([`authorization { users: [ { nkey: ${user.getPublicKey()} } ] }`]);

    await works(["--nats-nkey", file("orchestrator.nk", `${seed}\n`)]);

    const health = async () => (await service?.ask("GET", "/health"))?.data;
    const metrics = async () => (await fetch(`${service?.url}/metrics`)).text();
    expect(await health()).toMatchObject({ status: "healthy", nats: "connected", notices: [] });
    expect(await metrics()).toMatch(/^noetl_orchestrator_nats_connected 1$/m);
    await server.kill();
    const away = await waitFor("the loss", async () => {
      const now = (await health()) as { nats: string };
      return now.nats === "away" ? now : undefined;
    });
    expect(away).toMatchObject({
      status: "healthy",
      notices: ["NATS does not answer: what is not yet with a worker waits until it is back"],
    });
    expect(await metrics()).toMatch(/^noetl_orchestrator_nats_connected 0$/m);
    expect(await metrics()).toMatch(/^noetl_orchestrator_nats_losses_total 1$/m);
    await server.again();
    await waitFor("its return", async () =>
      ((await health()) as { nats: string }).nats === "connected" ? true : undefined,
    );
    expect(await metrics()).toMatch(/^noetl_orchestrator_nats_losses_total 1$/m);

    const stranger = Buffer.from(nkeys.createUser().getSeed()).toString();
    const at = ["--nats-url", urlOf()];
    expect(await refused([...at, "--nats-nkey", file("stranger.nk", stranger)])).toEqual({
      code: 1,
      said: "error: cannot use NATS at URL: it refuses the login; see --nats-url",
    });
    expect(await refused([...at, "--nats-nkey", file("broken.nk", "SUANOTHING")])).toEqual({
      code: 1,
      said: "error: --nats-nkey: it is no seed of a user, as SUA…; make one with `nk -gen user`",
    });
    expect(await refused([...at, "--nats-nkey", join(folder, "broken.nk"), "--nats-creds", "any"])).toMatchObject({
      code: 2,
    });
  });
});
