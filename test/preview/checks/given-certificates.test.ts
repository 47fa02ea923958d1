import { describe, expect, test } from "@jest/globals";
import { issueLeaf, issueRoot } from "../../../components/tls/built-in/certificates";
import { restartsOf } from "../../../preview/certificates";
import { runChecks } from "../../../preview/checks";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { stackText } from "../../stacks/config/support";

const OF_SERVICE = ["noetl-server-rust.noetl.svc", "noetl-server-rust.noetl.svc.cluster.local"];

/** A stack with mutual TLS whose certificates all are the same one, held from 2026-11-21 for a year. */
async function platform(dnsNames = OF_SERVICE, rootDays = 3650) {
  const seed = Buffer.alloc(32, 7).toString("base64");
  const root = await issueRoot(seed, { generation: 1, issuedOn: "2026-11-21", days: rootDays });
  const leaf = { name: "one", dnsNames, usages: ["server", "client"] as const };
  const { certificate } = await issueLeaf(root, leaf, { issuedOn: "2026-11-21", days: 365 });
  const files = { certificate, ca: root.certificate, key: { secure: "AAABAA" } };
  const given = { server: files, worker: files, scrape: files };
  const text = `noetl:server: { tls: mutual }\nnoetl:tls: ${JSON.stringify({ mode: "given", given })}`;
  const settings = parseStackFile(stackText(text), "Pulumi.test.yaml");
  return { graph: await renderStack(settings), config: settings.config };
}

/** What the checks of certificates find. */
async function findings(today: string, names = OF_SERVICE, rootDays = 3650): Promise<string[][]> {
  return runChecks(await platform(names, rootDays), today)
    .filter(({ rule }) => rule.startsWith("certificate"))
    .map(({ severity, resource, message }) => [severity, resource.replace(/.*::/, ""), message]);
}

const OWNERS = ["server", "worker", "scrape"];
const each = (severity: string, part: string, message: string) =>
  OWNERS.map((owner) => [severity, `noetl:tls.given.${owner}.${part}`, message]);

describe("given certificates", () => {
  test("given certificates that hold, when checked, then nothing is found, and an update restarts all that read one", async () => {
    const found = await platform();
    expect(await findings("2026-11-21")).toEqual([]);
    expect(await findings("2027-10-21")).toEqual([]);
    const readers = [...restartsOf(found.graph).values()].flat();
    expect(readers.length).toBeGreaterThan(0);
    expect(readers.filter(({ by }) => by !== "update")).toEqual([]);
  });

  test.each([
    ["2027-10-22", "warning", "it holds until 2027-11-21T00:00:00Z, 30 days from now"],
    ["2027-11-21", "error", "it holds until 2027-11-21T00:00:00Z: from then on peers refuse each other"],
  ])("given certificates of a year on %s, when checked, then each is told", async (today, severity, message) => {
    expect(await findings(today)).toEqual(each(severity, "certificate", message));
  });

  test("given a day before they hold, when checked, then certificates and CAs are told", async () => {
    const found = await findings("2026-11-20");
    const message = "it holds only from 2026-11-21T00:00:00Z on: until then peers refuse each other";
    expect(found).toHaveLength(6);
    expect(found).toEqual(
      expect.arrayContaining([...each("error", "certificate", message), ...each("error", "ca", message)]),
    );
  });

  test("given a CA that ends before its certificates, when checked, then it is told", async () => {
    expect(await findings("2026-12-01", OF_SERVICE, 30)).toEqual(
      each("warning", "ca", "it holds until 2026-12-21T00:00:00Z, 20 days from now"),
    );
  });

  test("given a certificate that is not for the name in use, when checked, then it is told who asks for it", async () => {
    const found = await findings("2026-11-21", ["noetl.example.com"]);
    expect(found.length).toBeGreaterThan(0);
    for (const [severity, , message] of found) {
      expect(severity).toBe("error");
      expect(message).toMatch(
        /noetl-server-tls, which \S+ noetl\/noetl-server-rust shows there, is only for noetl\.example\.com$/,
      );
    }
  });
});
