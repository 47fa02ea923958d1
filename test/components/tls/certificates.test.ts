import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Usage } from "../../../components/tls/authority";
import { issueLeaf, issueRoot } from "../../../components/tls/built-in/certificates";
import { keyFrom } from "../../../components/tls/built-in/keys";

const SEED = Buffer.alloc(32, 7).toString("base64");
const OTHER_SEED = Buffer.alloc(32, 8).toString("base64");
const ROOT = { generation: 1, issuedOn: "2026-11-21", days: 3650 };
const YEAR = { issuedOn: "2026-11-21", days: 365 };
const LEAF = {
  name: "noetl-server-tls",
  dnsNames: ["noetl-server-rust.noetl.svc", "localhost"],
  ipAddresses: ["127.0.0.1"],
  usages: ["server"] as const,
};
const WORKER = {
  name: "noetl-worker-tls",
  commonName: "noetl-worker-rust",
  dnsNames: ["w"],
  usages: ["client"] as const,
};

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

/** SHA-256 of the leaf of these facts: what is deployed must not change because a dependency did. */
const PINNED = "A2:FB:1C:03:BD:F2:57:01:F6:65:6A:83:66:CA:5C:EE:F9:A3:CF:C6:87:6B:EB:38:40:14:14:33:00:A3:08:F5";

function serialOf({ certificate }: { certificate: string }): string {
  return new X509Certificate(certificate).serialNumber;
}

describe("built-in certificates", () => {
  test("given a seed, when the root is issued, then it is a CA that signed itself, from its day on for its days", async () => {
    const { certificate } = await issueRoot(SEED, ROOT);
    const root = new X509Certificate(certificate);
    expect([root.subject, root.issuer, root.ca, root.validFrom, root.validTo]).toEqual([
      "CN=noetl-ca",
      "CN=noetl-ca",
      true,
      "Nov 21 00:00:00 2026 GMT",
      "Nov 18 00:00:00 2036 GMT",
    ]);
    expect(root.verify(root.publicKey)).toBe(true);
  });

  test("given a root, when leaves are issued, then it signed them, and they are what was asked for", async () => {
    const root = await issueRoot(SEED, ROOT);
    const { certificate, key } = await issueLeaf(root, LEAF, YEAR);
    const [leaf, issuer] = [new X509Certificate(certificate), new X509Certificate(root.certificate)];
    expect([leaf.ca, leaf.issuer, leaf.subjectAltName, leaf.keyUsage, leaf.validFrom, leaf.validTo]).toEqual([
      false,
      "CN=noetl-ca",
      "DNS:noetl-server-rust.noetl.svc, DNS:localhost, IP Address:127.0.0.1",
      [SERVER_AUTH],
      "Nov 21 00:00:00 2026 GMT",
      "Nov 21 00:00:00 2027 GMT",
    ]);
    expect(leaf.checkIssued(issuer)).toBe(true);
    expect(leaf.verify(issuer.publicKey)).toBe(true);
    expect(leaf.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    const client = new X509Certificate((await issueLeaf(root, WORKER, YEAR)).certificate);
    expect([client.subject, client.keyUsage]).toEqual(["CN=noetl-worker-rust", [CLIENT_AUTH]]);
  });

  test("given the same once more, when issued, then every byte is the same", async () => {
    const roots = await Promise.all([issueRoot(SEED, ROOT), issueRoot(SEED, ROOT)]);
    expect(roots[0].certificate).toBe(roots[1].certificate);
    const leaves = await Promise.all(roots.map((root) => issueLeaf(root, LEAF, YEAR)));
    expect(leaves[0]).toEqual(leaves[1]);
    expect(new X509Certificate(leaves[0]?.certificate ?? "").fingerprint256).toBe(PINNED);
  });

  test.each([
    ["another seed", { seed: OTHER_SEED }],
    ["another day", { lifetime: { ...YEAR, issuedOn: "2027-10-22" } }],
    ["another name", { leaf: { ...LEAF, name: "noetl-gateway-tls" } }],
  ])("given %s, when issued, then key and number are others", async (_, changed) => {
    const { seed, leaf, lifetime } = { seed: SEED, leaf: LEAF, lifetime: YEAR, ...changed };
    const before = await issueLeaf(await issueRoot(SEED, ROOT), LEAF, YEAR);
    const after = await issueLeaf(await issueRoot(seed, ROOT), leaf, lifetime);
    expect(after.key).not.toBe(before.key);
    expect(serialOf(after)).not.toBe(serialOf(before));
  });

  test("given another host name only, when issued, then the key stays and the number does not", async () => {
    const root = await issueRoot(SEED, ROOT);
    const before = await issueLeaf(root, LEAF, YEAR);
    const after = await issueLeaf(root, { ...LEAF, dnsNames: ["elsewhere"] }, YEAR);
    expect(after.key).toBe(before.key);
    expect(serialOf(after)).not.toBe(serialOf(before));
  });

  test("given any seed and purpose, then the key is one of P-256, and two purposes share none", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (seed, one, other) => {
        const { privateKey, publicKey } = keyFrom(seed, one);
        const made = createPublicKey(createPrivateKey(privateKey));
        expect(made.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
        expect(made.export({ type: "spki", format: "der" })).toEqual(publicKey);
        expect(keyFrom(seed, other).privateKey === privateKey).toBe(one === other);
      }),
      { numRuns: 20 },
    );
  });

  test("given any names, lifetimes and usages, when issued, then the leaf verifies and says exactly those", async () => {
    const day = fc.date({ min: new Date("2000-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
    const usage = fc.uniqueArray(fc.constantFrom<Usage>("server", "client"), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.domain(), { minLength: 1, maxLength: 5 }),
        fc.uniqueArray(fc.ipV4(), { maxLength: 2 }),
        day,
        fc.integer({ min: 1, max: 3650 }),
        usage,
        async (dnsNames, ipAddresses, date, days, usages) => {
          const lifetime = { issuedOn: date.toISOString().slice(0, 10), days };
          const root = await issueRoot(SEED, { generation: 2, ...lifetime, days: days + 1 });
          const pair = await issueLeaf(root, { name: "leaf", dnsNames, ipAddresses, usages }, lifetime);
          const leaf = new X509Certificate(pair.certificate);
          expect(leaf.verify(new X509Certificate(root.certificate).publicKey)).toBe(true);
          expect(leaf.subjectAltName).toBe(
            [...dnsNames.map((name) => `DNS:${name}`), ...ipAddresses.map((ip) => `IP Address:${ip}`)].join(", "),
          );
          expect(leaf.keyUsage).toEqual(usages.map((one) => (one === "server" ? SERVER_AUTH : CLIENT_AUTH)));
          expect(new Date(leaf.validFrom).toISOString()).toBe(`${lifetime.issuedOn}T00:00:00.000Z`);
          expect(Date.parse(leaf.validTo) - Date.parse(leaf.validFrom)).toBe(days * 86_400_000);
          expect(leaf.serialNumber).toMatch(/^[4-7][0-9A-F]{31}$/);
        },
      ),
      { numRuns: 15 },
    );
  });
});
