import { describe, expect, test } from "@jest/globals";
import { issueLeaf, issueRoot } from "../../../components/tls/built-in/certificates";
import { readEngineConfig } from "../../../stacks/config/engine";
import { problemsIn, problemsOf, stackText } from "./support";

const SEED = Buffer.alloc(32, 7).toString("base64");
const LIFETIME = { issuedOn: "2026-11-21", days: 365 };

/** Files of the server's leaf, as a stack file would hold them. */
async function serverFiles(usages: readonly ("server" | "client")[] = ["server"]) {
  const root = await issueRoot(SEED, { generation: 1, ...LIFETIME });
  const made = await issueLeaf(root, { name: "server", dnsNames: ["server.noetl.svc"], usages }, LIFETIME);
  return { ...made, ca: root.certificate };
}

/** Lines of a stack file, with an encrypted key for each certificate. */
function lines(given: Record<string, { certificate: string; ca: string }>, more: string): string {
  const sealed = Object.entries(given).map(
    ([owner, { certificate, ca }]) => [owner, { certificate, ca, key: { secure: "AAABAA" } }] as const,
  );
  return `${more}\nnoetl:tls: ${JSON.stringify({ mode: "given", given: Object.fromEntries(sealed) })}`;
}

/** Path and message of each problem. */
function told(text: string): [string, string][] {
  return problemsOf(stackText(text)).map(({ path, message }) => [path, message]);
}

describe("given certificates in a stack file", () => {
  test("given those that the stack needs, when read, then nothing is wrong", async () => {
    const [server, client] = [await serverFiles(), await serverFiles(["client"])];
    const all = { server, worker: client, gateway: client, scrape: client };
    expect(told(lines(all, "noetl:server: { tls: mutual }\nnoetl:gateway: {}"))).toEqual([]);
    expect(told(lines({}, "noetl:server: { tls: off }"))).toEqual([]);
  });

  test("given fewer, when read, then each that lacks is told, with the setting that needs it", async () => {
    const server = await serverFiles();
    const more =
      "noetl:server: { tls: mutual }\nnoetl:gateway: {}\nnoetl:nats: { tls: { platform: true } }\nnoetl:pythonServer: {}\nnoetl:flight: {}";
    expect(told(lines({ server }, more))).toEqual(
      [
        ["worker", "server.tls needs it (line 5)"],
        ["gateway", "gateway needs it (line 6)"],
        ["scrape", "server.metrics needs it (the default)"],
        ["nats", "nats.tls.platform needs it (line 7)"],
        ["flight", "flight.serverTls needs it (the default)"],
        ["flightClient", "flight.clientTls needs it (the default)"],
      ].map(([owner, message]) => [`noetl:tls.given.${owner}`, `is missing: ${message}`]),
    );
  });

  test("given a certificate for another purpose, when read, then the error says where, what and what next", async () => {
    const server = await serverFiles(["client"]);
    expect(problemsOf(stackText(lines({ server }, "noetl:server: {}")))).toEqual([
      {
        path: "noetl:tls.given.server.certificate",
        line: 6,
        column: 63,
        message: "it may not be used as that of a server (extended key usage)",
        allowed: "a certificate with the extended key usage serverAuth, or with none at all",
        next: "run: pulumi config set --path 'noetl:tls.given.server.certificate' < FILE.pem",
      },
    ]);
  });

  test("given the key in plain text, when read, then it is refused and not shown", async () => {
    const { certificate, ca, key } = await serverFiles();
    const tls = JSON.stringify({ mode: "given", given: { server: { certificate, ca, key } } });
    const found = problemsOf(stackText(`noetl:tls: ${tls}`));
    expect(found.map(({ path, message }) => [path, message])).toEqual([
      ["noetl:tls.given.server.key", "this secret is not encrypted"],
    ]);
    expect(JSON.stringify(found)).not.toContain(key.slice(40, 80));
  });

  test("given the key of another certificate, when an update knows it, then it is refused and not shown", async () => {
    const server = await serverFiles();
    const { key } = await issueLeaf(
      await issueRoot(SEED, { generation: 1, ...LIFETIME }),
      { name: "another", dnsNames: ["a"], usages: ["server"] },
      LIFETIME,
    );
    const entries = (given: object) => ({
      "noetl:profile": "kind",
      "noetl:cluster": '{"context":"kind-noetl"}',
      "noetl:postgres": '{"mode":"inCluster"}',
      "noetl:tls": JSON.stringify({ mode: "given", given }),
    });
    const read = (given: object) =>
      problemsIn(() =>
        readEngineConfig({ stack: "kind", entries: entries(given), secretKeys: new Set(["noetl:tls"]) }),
      );
    expect(read({ server })).toEqual([]);
    const found = read({ server: { ...server, key } });
    expect(found).toEqual([
      expect.objectContaining({
        path: "noetl:tls.given.server.key",
        message: "is not the key of the certificate",
        next: "run: pulumi config set --secret --path 'noetl:tls.given.server.key' < FILE.pem",
      }),
    ]);
    expect(JSON.stringify(found)).not.toContain(key.slice(40, 80));
  });
});
