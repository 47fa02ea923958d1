import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readLogins } from "../../../operations/images/docker-config";
import { platformsOf } from "../../../operations/images/platforms";
import { probe, type Retry } from "../../../operations/images/probe";
import { RegistryProblem, type RegistryProblemKind } from "../../../operations/images/problem";
import { Registry, type RegistryOptions } from "../../../operations/images/registry";
import { assertSigned, parsePublicKey } from "../../../operations/images/signature";
import { parseTarget } from "../../../operations/images/target";
import { digestOf, LoopbackRegistry, type Whim } from "./loopback-registry";

const NOW = new Date("2026-11-21T10:00:00Z");
const MANIFEST = "/v2/noetl/server/manifests/1.2.3";

describe("a registry", () => {
  let served: LoopbackRegistry;

  beforeEach(async () => {
    served = await LoopbackRegistry.start();
  });
  afterEach(() => {
    served.stop();
  });

  const open = (options: Partial<RegistryOptions> = {}, path = "noetl/server"): Registry => {
    const { registry } = parseTarget(`${served.host}/${path}:1.2.3`);
    if (registry === undefined) throw new Error("no registry");
    return new Registry(registry, { now: () => NOW, ...options });
  };

  async function problemOf(work: Promise<unknown>): Promise<{ kind: RegistryProblemKind; message: string }> {
    const error = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof RegistryProblem)) throw new Error("no problem of the registry", { cause: error });
    return { kind: error.kind, message: error.message.replaceAll(served.host, "HOST") };
  }

  /** Probes, and tells how long it would have waited. */
  function probed(budget = { attempts: 12, sleepSeconds: 10 }, options: Partial<RegistryOptions> = {}) {
    const waits: number[] = [];
    const retries: Retry[] = [];
    const wait = (milliseconds: number): Promise<void> => {
      waits.push(milliseconds / 1000);
      return Promise.resolve();
    };
    const onRetry = (retry: Retry): void => {
      retries.push(retry);
    };
    const found = probe(open(options), { version: "1.2.3" }, budget, { wait, onRetry });
    return { found, waits, retries };
  }

  test("gives the manifest, proven by its digest, and its platforms", async () => {
    const digest = served.publish("noetl/server", "1.2.3");

    const { found, waits } = probed();

    const manifest = await found;
    expect(manifest).toMatchObject({ digest, mediaType: "application/vnd.oci.image.index.v1+json" });
    expect(waits).toEqual([]);
    expect(await platformsOf(manifest, open())).toEqual(["linux/amd64", "linux/arm64"]);
    expect(served.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `HEAD ${MANIFEST}`,
      `GET /v2/noetl/server/manifests/${digest}`,
    ]);
  });

  test("tells the platform of an image that is made for one alone", async () => {
    served.publish("noetl/server", "1.2.3", ["arm64"]);

    expect(await platformsOf(await open().manifest("1.2.3"), open())).toEqual(["linux/arm64"]);
  });

  test("hands out a token to everybody, and a new one when that ends", async () => {
    served.publish("noetl/server", "1.2.3");
    served.wantsToken = true;
    served.tokenUses = 1;

    await probed().found;

    expect(served.asked.map(({ method, authorization }) => `${method} ${authorization ?? "-"}`)).toEqual([
      "HEAD -",
      "GET -",
      "HEAD Bearer token-0",
      "GET Bearer token-0",
      "GET -",
      "GET Bearer token-1",
    ]);
    expect(served.asked[1]?.path).toBe(
      `/token?service=${encodeURIComponent(served.host)}&scope=repository%3Anoetl%2Fserver%3Apull`,
    );
  });

  describe("that wants to know who asks", () => {
    let folder: string;
    const auth = Buffer.from("kim:pass:word").toString("base64");

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-docker-"));
      served.publish("noetl/server", "1.2.3");
      served.wantsToken = true;
      served.wantsLogin = `Basic ${auth}`;
    });
    afterEach(() => {
      rmSync(folder, { recursive: true });
    });

    test("takes the login that docker keeps", async () => {
      writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [served.host]: { auth } } }));

      const { found } = probed(undefined, { credentials: readLogins(folder) });

      await expect(found).resolves.toBeDefined();
    });

    test("and is not told it, is not asked again, and no password is in the error", async () => {
      const other = Buffer.from("kim:canary-password").toString("base64");
      writeFileSync(join(folder, "config.json"), JSON.stringify({ auths: { [served.host]: { auth: other } } }));

      const { found, waits } = probed(undefined, { credentials: readLogins(folder) });

      expect(await problemOf(found)).toEqual({
        kind: "denied",
        message: "HOST answers 403 for noetl/server a token: it does not let us",
      });
      expect(waits).toEqual([]);
    });

    test("by a password alone gets it", async () => {
      served.wantsToken = false;
      served.whim = ({ authorization }) =>
        authorization === undefined ? { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } } : undefined;

      await expect(open().head("1.2.3")).rejects.toMatchObject({ kind: "denied" });
      await expect(open({ credentials: () => ({ user: "a", password: "b" }) }).head("1.2.3")).resolves.toMatch(
        /^sha256:/,
      );
    });

    test.each([
      ["is not JSON", "{", /config\.json is not JSON/],
      ["names nobody", "{}", undefined],
      ["has a login without a colon", JSON.stringify({ auths: { "ghcr.io": { auth: "eHg=" } } }), undefined],
    ])("a file that %s", (_, text, message) => {
      writeFileSync(join(folder, "config.json"), text);
      if (message === undefined) expect(readLogins(folder)("ghcr.io")).toBeUndefined();
      else expect(() => readLogins(folder)).toThrow(message);
    });

    test("a folder that is not there has no logins", () => {
      expect(readLogins(join(folder, "none"))("ghcr.io")).toBeUndefined();
    });
  });

  test("publishes the manifest only at the fifth probe", async () => {
    served.publish("noetl/server", "1.2.3");
    served.whim = ({ method }, count) => (method === "HEAD" && count < 5 ? { status: 404 } : undefined);

    const { found, waits, retries } = probed({ attempts: 5, sleepSeconds: 7 });

    await expect(found).resolves.toBeDefined();
    expect(waits).toEqual([7, 7, 7, 7]);
    expect(retries[3]).toEqual({
      attempt: 4,
      of: 5,
      reason: `${served.host} answers 404 for noetl/server 1.2.3: there is none, or not yet`,
      seconds: 7,
    });
  });

  test("never publishes it: gives up after all attempts", async () => {
    const { found, waits } = probed({ attempts: 3, sleepSeconds: 1 });

    expect(await problemOf(found)).toEqual({
      kind: "absent",
      message: "HOST answers 404 for noetl/server 1.2.3: there is none, or not yet (asked 3 times)",
    });
    expect(waits).toEqual([1, 1]);
  });

  test.each<[string, string | undefined, number]>([
    ["in seconds", "60", 60],
    ["until a time", "Sat, 21 Nov 2026 10:00:45 GMT", 45],
    ["shorter than we wait anyway", "3", 10],
    ["longer than anybody waits", "86400", 300],
    ["in a way nobody understands", "soon", 10],
    ["not at all", undefined, 10],
  ])("is too busy, and says for how long %s", async (_, retryAfter, seconds) => {
    served.publish("noetl/server", "1.2.3");
    const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
    served.whim = ({ method }, count) => (method === "HEAD" && count === 1 ? { status: 429, headers } : undefined);

    const { found, waits } = probed();

    await expect(found).resolves.toBeDefined();
    expect(waits).toEqual([seconds]);
  });

  const other = digestOf("another");
  test.each<[string, Whim, RegistryProblemKind, string]>([
    ["trouble of its own", { status: 503 }, "busy", "HOST answers 503 for noetl/server 1.2.3"],
    ["no right for us", { status: 401 }, "denied", "HOST answers 401 for noetl/server 1.2.3: it does not let us"],
    ["an odd status", { status: 418 }, "wrong", "HOST answers 418 for noetl/server 1.2.3"],
    [
      "a page for people",
      { headers: { "content-type": "text/html" }, body: "<html>" },
      "wrong",
      'HOST answers for 1.2.3 with "text/html"',
    ],
    ["no type at all", {}, "wrong", 'HOST answers for 1.2.3 with ""'],
    [
      "an odd digest",
      { headers: { "docker-content-digest": "md5:1" } },
      "wrong",
      'HOST says that 1.2.3 has the digest "md5:1"',
    ],
    [
      "a redirect to where nothing is protected",
      { status: 302, headers: { location: "http://registry.example.com/" } },
      "wrong",
      "it leads to http://registry.example.com, which is not protected by TLS",
    ],
    [
      "a redirect to itself",
      { status: 302, headers: { location: MANIFEST } },
      "wrong",
      "HOST redirects more than 5 times",
    ],
    ["a redirect to nowhere", { status: 302, headers: { location: "http://" } }, "wrong", "HOST redirects to no URL"],
    [
      "tokens from nowhere",
      { status: 401, headers: { "www-authenticate": "Bearer service=x" } },
      "wrong",
      "HOST does not say where its tokens come from",
    ],
    [
      "tokens from where nothing is protected",
      { status: 401, headers: { "www-authenticate": 'Bearer realm="http://tokens.example.com/"' } },
      "wrong",
      "it leads to http://tokens.example.com, which is not protected by TLS",
    ],
  ])("has %s", async (_, whim, kind, message) => {
    served.whim = () => whim;
    expect(await problemOf(open().head("1.2.3"))).toEqual({ kind, message });
  });

  test("hangs up", async () => {
    served.whim = () => ({ hangUp: true });
    expect(await problemOf(open().head("1.2.3"))).toEqual({
      kind: "unreachable",
      message: "HOST cannot be reached: other side closed",
    });
  });

  test("never answers", async () => {
    served.whim = () => ({ silent: true });
    expect(await problemOf(open({ limit: 50 }).head("1.2.3"))).toEqual({
      kind: "unreachable",
      message: "HOST cannot be reached: no whole answer within 0.05 s",
    });
  });

  test("is not there", async () => {
    served.stop();
    const { kind, message } = await problemOf(open().head("1.2.3"));
    expect(kind).toBe("unreachable");
    expect(message).toMatch(/^HOST cannot be reached: .*ECONNREFUSED/);
  });

  test("says one digest and gives another manifest", async () => {
    served.publish("noetl/server", "1.2.3");
    served.whim = ({ method, path }) => {
      if (method === "HEAD") return { headers: { "docker-content-digest": other } };
      return path.endsWith(other) ? { headers: { "content-type": "application/json" }, body: "{}" } : undefined;
    };

    const { found, waits } = probed();

    expect(await problemOf(found)).toEqual({
      kind: "wrong",
      message: `HOST gives a manifest with the digest ${digestOf("{}")} for ${other}, which is ${other}`,
    });
    expect(waits).toEqual([]);
  });

  test("says no digest: the manifest is read and gives it", async () => {
    const digest = served.publish("noetl/server", "1.2.3");
    const type = { "content-type": "application/vnd.oci.image.index.v1+json" };
    served.whim = ({ method }) => (method === "HEAD" ? { headers: type } : undefined);

    await expect(probed().found).resolves.toMatchObject({ digest });
    expect(served.count("GET", MANIFEST)).toBe(1);
  });

  test("gives a token that is none, a manifest that is none, and too much", async () => {
    served.publish("noetl/server", "1.2.3");
    served.wantsToken = true;
    served.whim = ({ path }) => (path.startsWith("/token") ? { body: "{}" } : undefined);
    expect((await problemOf(open().head("1.2.3"))).message).toBe("HOST gives an answer without a token");
    served.whim = () => ({ body: "[]" });
    expect((await problemOf(open().manifest("1.2.3"))).message).toBe(
      "HOST answers for 1.2.3 with something else than JSON",
    );
    served.whim = () => ({ body: " ".repeat(4 * 1024 * 1024 + 1) });
    expect((await problemOf(open().manifest("1.2.3"))).message).toBe("HOST answers with more than 4194304 bytes");
  });

  test("sends us elsewhere for a blob, and our password does not go along", async () => {
    const elsewhere = await LoopbackRegistry.start();
    const body = '{"os":"linux"}';
    elsewhere.whim = () => ({ body });
    served.whim = ({ authorization }) =>
      authorization === undefined
        ? { status: 401, headers: { "www-authenticate": "Basic realm=x" } }
        : { status: 307, headers: { location: `http://${elsewhere.host}/there` } };

    const registry = open({ credentials: () => ({ user: "a", password: "b" }) });
    expect((await registry.blob(digestOf(body))).toString()).toBe(body);

    elsewhere.stop();
    expect(elsewhere.asked).toEqual([{ method: "GET", path: "/there", authorization: undefined }]);
    await expect(registry.blob(other)).rejects.toMatchObject({ kind: "unreachable" });
  });

  describe("with signatures", () => {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    let digest: string;

    beforeEach(() => {
      digest = served.publish("noetl/server", "1.2.3");
    });

    const check = (key: KeyObject): Promise<void> => assertSigned(open(), digest, key);

    test.each<[string, () => { publicKey: KeyObject; privateKey: KeyObject }]>([
      ["ECDSA", () => keys],
      ["Ed25519", () => generateKeyPairSync("ed25519")],
      ["RSA", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
    ])("takes a right one by %s", async (_, pair) => {
      const { publicKey, privateKey } = pair();
      served.sign("noetl/server", digest, privateKey);
      const pem = publicKey.export({ type: "spki", format: "pem" }).toString();
      await expect(check(parsePublicKey(pem, "cosign.pub"))).resolves.toBeUndefined();
    });

    test.each<[string, () => void, string]>([
      ["none", () => undefined, "no signature is kept there"],
      [
        "one of another key",
        () => {
          served.sign("noetl/server", digest, generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
        },
        "a signature is of another key, or of another payload",
      ],
      [
        "one for another image",
        () => {
          served.sign("noetl/server", digest, keys.privateKey, other);
        },
        `what is signed is ${other}`,
      ],
    ])("refuses %s", async (_, sign, reason) => {
      sign();
      expect(await problemOf(check(keys.publicKey))).toEqual({
        kind: "wrong",
        message: `HOST/noetl/server@${digest} is not signed with the key: ${reason}`,
      });
    });

    test("refuses a private key in the place of the public one", () => {
      const pem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
      expect(() => parsePublicKey(pem, "cosign.key")).toThrow("cosign.key is not a public key in PEM");
      expect(() => parsePublicKey("x", "cosign.pub")).toThrow("cosign.pub is not a public key in PEM");
    });
  });
});
