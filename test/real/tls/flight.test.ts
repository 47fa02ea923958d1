import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { describeUnless } from "../stacks/requirements";
import { EXPIRED, PHASES, trusting } from "./phases";
import { make, type Made, type Settings } from "./program";
import { pythonWithFlight } from "./pyarrow";

/*
 * The Flight server of pyarrow, which the platform's Python server is made of, and its client; both with the variables
 * and files of the pods that the program makes. Not proved here: how that server reads its variables. The script beside
 * this file does it in its place.
 */

const SCRIPT = join(__dirname, "flight.py");
const HOST = "noetl.noetl.svc.cluster.local";

interface Pod {
  spec: {
    containers: {
      env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
    }[];
    volumes: { name: string; secret?: { secretName: string } }[];
  };
}

const found = pythonWithFlight();
const [python, reason] = typeof found === "string" ? [{ command: "", env: {} }, found] : [found, undefined];

describeUnless(reason, "Flight with the trust of the program", () => {
  let folder: string;
  let mounts = 0;
  const running: ChildProcess[] = [];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "noetl-flight-"));
  });
  afterEach(async () => {
    for (const child of running.splice(0)) {
      const exited = once(child, "exit");
      child.stdin?.end();
      await exited;
    }
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** The variables of a pod for Flight; files are where they are on this machine. */
  function envOf(made: Made, deployment: string): Record<string, string> {
    const { spec } = (made.object(`Deployment/${deployment}`).spec as { template: Pod }).template;
    const volume = spec.volumes.find(({ name }) => name === "flight")?.secret?.secretName;
    const directory = join(folder, String(mounts++));
    mkdirSync(directory);
    for (const [name, text] of Object.entries(volume === undefined ? {} : made.secret(volume))) {
      writeFileSync(join(directory, name), text);
    }
    const variables = (spec.containers[0]?.env ?? []).filter(({ name }) => name.startsWith("NOETL_FLIGHT_"));
    return Object.fromEntries([
      ...variables.map(({ name, value, valueFrom }) => {
        const from = valueFrom?.secretKeyRef;
        const text = from ? (made.secret(from.name)[from.key] ?? "") : (value ?? "");
        return [name, text.startsWith("/etc/noetl/flight/") ? join(directory, basename(text)) : text];
      }),
      ["DIRECTORY", directory],
    ]) as Record<string, string>;
  }

  /** @returns where the server listens */
  async function serve(made: Made): Promise<string> {
    const env = envOf(made, "noetl-server");
    const child = spawn(python.command, [SCRIPT, "serve"], {
      env: { ...python.env, ...env },
      stdio: ["pipe", "pipe", "ignore"],
    });
    running.push(child);
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return `${"NOETL_FLIGHT_TLS_CERT" in env ? "grpc+tls" : "grpc"}://127.0.0.1:${port}`;
  }

  /** What a worker's client gets: 42, or the error. */
  async function fetch(
    made: Made,
    location: string,
    changed: Record<string, string | undefined> = {},
  ): Promise<string> {
    const { DIRECTORY = "", ...env } = envOf(made, "worker");
    const tls = location.startsWith("grpc+tls");
    const files = { CLIENT_CERT: join(DIRECTORY, "client.crt"), CLIENT_KEY: join(DIRECTORY, "client.key") };
    const all = { ...env, ...(tls && { SERVER_CA: join(DIRECTORY, "server-ca.crt"), HOST, ...files }), ...changed };
    const { stdout } = await promisify(execFile)(python.command, [SCRIPT, "fetch"], {
      env: { ...python.env, ...all, LOCATION: location },
    });
    return stdout.trim();
  }

  const withPool = (settings: Settings): Settings => ({
    ...settings,
    workerPools: [{ name: "worker", poolName: "worker", segment: "shared" }],
  });
  const made = (settings: Settings = trusting(), state?: string) => make(withPool(settings), state);
  const switched = (flight: Settings["flight"]) => made({ ...trusting(), flight });

  it("with all four switches on, a worker's client is served", async () => {
    const platform = await made();
    expect(await fetch(platform, await serve(platform))).toBe("42");
  });

  it("with all off, anybody is", async () => {
    const platform = await switched({ serverTls: false, clientTls: false, bearer: false, mutual: false });
    const location = await serve(platform);
    expect(location).toMatch(/^grpc:/);
    expect(await fetch(platform, location)).toBe("42");
  });

  it("serverTls: a client that trusts another root refuses the server; so does one that expects another name", async () => {
    const platform = await switched({ bearer: false, mutual: false });
    const stranger = envOf(await made(trusting(), "another stack"), "worker").DIRECTORY ?? "";
    const location = await serve(platform);
    expect(await fetch(platform, location, { SERVER_CA: join(stranger, "server-ca.crt") })).toMatch(
      /^FlightUnavailableError/,
    );
    expect(await fetch(platform, location, { HOST: "elsewhere.noetl.svc" })).toMatch(/^FlightUnavailableError/);
  });

  it("clientTls: with the root of the server, and no certificate asked for, a client is served", async () => {
    const platform = await switched({ bearer: false, mutual: false });
    const none = { CLIENT_CERT: undefined, CLIENT_KEY: undefined };
    expect(await fetch(platform, await serve(platform), none)).toBe("42");
  });

  it("bearer: without a token, or with a wrong one, a client is refused", async () => {
    const platform = await made();
    const location = await serve(platform);
    for (const token of [undefined, "bm9ib2R5IGtub3dzIG1l"]) {
      expect(await fetch(platform, location, { NOETL_FLIGHT_BEARER_TOKEN: token })).toMatch(
        /^FlightUnauthenticatedError/,
      );
    }
  });

  it("bearer: while the server takes two tokens, clients with either are served; then only with the new one", async () => {
    const first = await made();
    const both = await switched({ tokens: { current: 1, accepted: [1, 2] } });
    const presented = await switched({ tokens: { current: 2, accepted: [1, 2] } });
    const alone = await switched({ tokens: { current: 2, accepted: [2] } });
    const [open, closed] = [await serve(both), await serve(alone)];
    for (const client of [first, both, presented, alone]) expect(await fetch(client, open)).toBe("42");
    for (const client of [presented, alone]) expect(await fetch(client, closed)).toBe("42");
    expect(await fetch(first, closed)).toMatch(/^FlightUnauthenticatedError/);
  });

  it("mutual: a client without a certificate, with a stranger's, or with an expired one is refused", async () => {
    const platform = await made();
    const location = await serve(platform);
    expect(await fetch(platform, location, { CLIENT_CERT: undefined, CLIENT_KEY: undefined })).toMatch(
      /^FlightUnavailableError/,
    );
    for (const other of [await made(trusting(), "another stack"), await made(EXPIRED)]) {
      const directory = envOf(other, "worker").DIRECTORY ?? "";
      const shown = { CLIENT_CERT: join(directory, "client.crt"), CLIENT_KEY: join(directory, "client.key") };
      expect(await fetch(platform, location, shown)).toMatch(/^FlightUnavailableError/);
    }
  });

  it("in a roll of the root, both certificates are served while both roots are trusted, and the old one no longer", async () => {
    const before = await made(PHASES["both trusted"]);
    const young = await made(PHASES["the new one signs"]);
    const after = await made(PHASES["the old one dropped"]);
    for (const server of [before, young]) {
      const location = await serve(server);
      for (const client of [before, young]) expect(await fetch(client, location)).toBe("42");
    }
    expect(await fetch(before, await serve(after))).toMatch(/^FlightUnavailableError/);
  });
});
