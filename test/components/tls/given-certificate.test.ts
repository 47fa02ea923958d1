import { describe, expect, test } from "@jest/globals";
import { issueLeaf, issueRoot } from "../../../components/tls/built-in/certificates";
import { keyFrom } from "../../../components/tls/built-in/keys";
import { givenNames, givenProblems, givenValidity, type GivenFiles } from "../../../components/tls/given-certificate";
import type { Usage } from "../../../components/tls/authority";

const SEED = Buffer.alloc(32, 7).toString("base64");
const ROOT = issueRoot(SEED, { generation: 1, issuedOn: "2026-11-21", days: 3650 });
const OTHER_ROOT = issueRoot(SEED.replace("B", "C"), { generation: 1, issuedOn: "2026-11-21", days: 3650 });

async function pair(usages: readonly Usage[], dnsNames = ["noetl.svc", "*.noetl.svc"]) {
  const leaf = { name: "noetl-server-tls", dnsNames, ipAddresses: ["127.0.0.1"], usages };
  return issueLeaf(await ROOT, dnsNames.length === 0 ? { ...leaf, ipAddresses: [] } : leaf, {
    issuedOn: "2026-11-21",
    days: 365,
  });
}

const server = pair(["server"]);

/** What is wrong with the server's files, changed. */
async function problems(changed: Partial<GivenFiles>, usages: readonly Usage[] = ["server"]): Promise<string[]> {
  const files = { ...(await server), ca: (await ROOT).certificate, ...changed };
  return givenProblems(files, usages).map(({ part, message }) => `${part}: ${message}`);
}

const NOT_SIGNED =
  "certificate: it does not lead to the given CA: neither the CA nor a certificate that follows signed it";

describe("given certificates", () => {
  test("given files that fit, when read, then nothing is wrong, with the key or without", async () => {
    expect(await problems({})).toEqual([]);
    expect(await problems({ key: undefined })).toEqual([]);
    expect(await problems({ ca: `# ours\n${(await OTHER_ROOT).certificate}${(await ROOT).certificate}` })).toEqual([]);
    expect(await problems(await pair(["server", "client"]), ["client"])).toEqual([]);
  });

  test("given a key of another certificate, when read, then that is told", async () => {
    const { key } = await pair(["server"]);
    expect(await problems({ key })).toEqual([]);
    const { privateKey } = keyFrom(SEED, "another");
    expect(await problems({ key: privateKey })).toEqual(["key: is not the key of the certificate"]);
  });

  test("given a CA without the CA flag, when read, then that is told", async () => {
    const { certificate } = await server;
    expect(await problems({ ca: `${(await ROOT).certificate}${certificate}` })).toEqual([
      "ca: certificate 2 of 2 may sign no others: it lacks the CA flag (basicConstraints CA:TRUE), and peers refuse what it signed",
    ]);
  });

  test("given a CA of the same name that did not sign, when read, then that is told", async () => {
    expect(await problems({ ca: (await OTHER_ROOT).certificate })).toEqual([NOT_SIGNED]);
  });

  test("given a certificate for another purpose, when read, then that is told", async () => {
    expect(await problems({}, ["server", "client"])).toEqual([
      "certificate: it may not be used as that of a client (extended key usage)",
    ]);
    expect(await problems(await pair(["client"]))).toEqual([
      "certificate: it may not be used as that of a server (extended key usage)",
    ]);
  });

  test("given a server's certificate for no host, when read, then that is told; a client's may be so", async () => {
    expect(await problems(await pair(["server"], []))).toEqual([
      "certificate: it is for no host: peers read only subject alternative names, and it has none",
    ]);
    expect(await problems(await pair(["client"], []), ["client"])).toEqual([]);
  });

  test("given a CA as a server's certificate, when read, then that is told", async () => {
    const { certificate } = await ROOT;
    expect(await problems({ certificate, key: keyFrom(SEED, "root").privateKey }, ["client"])).toEqual([
      "certificate: it is a CA's own (basicConstraints CA:TRUE), which peers refuse",
    ]);
  });

  const NONE = "there is no certificate in it: no -----BEGIN CERTIFICATE----- with its end";
  test.each([
    ["nothing of the kind", NONE],
    ["-----BEGIN CERTIFICATE-----\nMIIB", NONE],
    ["-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----", "certificate 1 of 1 in it cannot be read"],
    [
      "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
      "there is a PUBLIC KEY in it, which is no certificate",
    ],
  ])("given %j, when read, then it is told without its text", async (text, message) => {
    expect(await problems({ certificate: text })).toEqual([`certificate: ${message}`]);
    expect(await problems({ ca: text })).toEqual([`ca: ${message}`]);
  });

  test("given a key in the place of a certificate, when read, then it is told, and not shown", async () => {
    const { key, certificate } = await server;
    const told = "there is a private key in it, which has been readable: make another one";
    const found = await problems({ certificate: certificate + key, ca: key });
    expect(found).toEqual([`certificate: ${told}`, `ca: ${told}`]);
  });

  test("given a key that cannot be read, when read, then it is told, and not shown", async () => {
    const key = "-----BEGIN PRIVATE KEY-----\nc4nary\n-----END PRIVATE KEY-----";
    expect(await problems({ key })).toEqual(["key: cannot be read"]);
  });

  test("names and days are those of the certificates", async () => {
    const { certificate } = await server;
    expect(givenNames(certificate)).toEqual(["noetl.svc", "*.noetl.svc", "127.0.0.1"]);
    expect(givenNames("nothing")).toEqual([]);
    expect(givenValidity(`${certificate}${(await ROOT).certificate}`)).toEqual([
      { from: new Date("2026-11-21T00:00:00Z"), to: new Date("2027-11-21T00:00:00Z") },
      { from: new Date("2026-11-21T00:00:00Z"), to: new Date("2036-11-18T00:00:00Z") },
    ]);
  });
});
