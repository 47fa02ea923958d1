import { describe, expect, test } from "@jest/globals";
import { restartsOf } from "../../../preview/certificates";
import { certificates } from "../../../preview/checks/certificates";
import { checkContext, title } from "../../../preview/checks/check";
import type { ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { stackText } from "../../stacks/config/support";

const FLIGHT = "noetl:pythonServer: {}\nnoetl:flight: { bearer: false }\n";
const POOL = "noetl:workerPools: [{ name: worker, poolName: worker, segment: shared }]\n";
const BOTH = "Deployment noetl/noetl-server, Deployment noetl/worker";

async function render(tls: string) {
  const settings = parseStackFile(stackText(`${FLIGHT}${POOL}noetl:tls: ${tls}`), "Pulumi.test.yaml");
  return { graph: await renderStack(settings), config: settings.config };
}

async function findings(tls: string, today?: string) {
  const found = certificates.run(checkContext(await render(tls), today));
  return found.map(({ severity, resource, message, fix }) => [severity, resource, message, fix]);
}

/** What restarts those who read a certificate of Flight's. */
function flightRestarts(graph: ResourceGraph): string[][] {
  return [...restartsOf(graph)]
    .filter(([secret]) => secret.startsWith("noetl-flight"))
    .map(([secret, restarts]) => [secret, ...restarts.map(({ workload, by }) => `${title(workload)} by ${by}`)])
    .sort();
}

const builtIn = (leaf: string, root = "2026-11-21", more = "") =>
  `{ mode: builtIn, ca: { trusted: [{ generation: 1, issuedOn: "${root}" }]${more} }, leaves: { issuedOn: "${leaf}" } }`;

describe("certificates", () => {
  test.each([
    ["fresh", "2026-11-21"],
    ["a day before the window", "2027-10-21"],
  ])("given built-in certificates that are %s, then nothing is found", async (_, today) => {
    expect(await findings(builtIn("2026-11-21"), today)).toEqual([]);
  });

  test("given no day, then nobody asks how old they are", async () => {
    expect(await findings(builtIn("2020-11-21", "2020-11-21"))).toEqual([]);
  });

  test.each([
    ["2027-10-22", "warning", "certificates end on 2027-11-21, in 30 days"],
    ["2027-11-20", "warning", "certificates end on 2027-11-21, in 1 days"],
    ["2027-11-21", "error", "certificates ended on 2027-11-21: peers refuse each other"],
    ["2026-11-20", "error", "certificates hold only from 2026-11-21 on: until then peers refuse each other"],
  ])(
    "given certificates of 2026-11-21 on %s, then it is told what to edit and who restarts",
    async (today, ...expected) => {
      const [[severity, resource, message, fix] = []] = await findings(builtIn("2026-11-21", "2026-11-20"), today);
      expect([severity, message]).toEqual(expected);
      expect(resource).toBe("noetl:tls.leaves.issuedOn");
      expect(fix).toContain(`set noetl:tls.leaves.issuedOn: "${today}" and run pulumi up, which restarts `);
      for (const name of BOTH.split(", ")) expect(fix).toContain(name);
    },
  );

  test("given a root under which no whole certificate fits, then a roll is due", async () => {
    expect(await findings(builtIn("2027-11-01", "2026-11-21", ", days: 730"), "2027-11-21")).toEqual([
      [
        "warning",
        "noetl:tls.ca.trusted[0].issuedOn",
        "the root of generation 1 ends on 2028-11-20, in 365 days: no certificate of 365 days fits any more",
        'begin a roll: add generation 2, issued on "2027-11-21", to noetl:tls.ca.trusted',
      ],
    ]);
  });

  test("given a root that has ended, then what it signed is refused", async () => {
    const found = await findings(builtIn("2026-11-21", "2026-11-21", ", days: 365"), "2027-11-21");
    expect(found.map(([severity, resource]) => [severity, resource])).toEqual([
      ["error", "noetl:tls.leaves.issuedOn"],
      ["error", "noetl:tls.ca.trusted[0].issuedOn"],
    ]);
  });

  test("given cert-manager alone, then it says whom nobody restarts; with Reloader, nothing", async () => {
    const [found, ...others] = await findings("{ mode: certManager }", "2026-11-21");
    expect(others).toEqual([]);
    expect(found?.slice(0, 2)).toEqual(["info", "noetl:tls.reloader"]);
    expect(found?.[2]).toContain("noetl-flight-tls: Deployment noetl/noetl-server");
    expect(await findings("{ mode: certManager, reloader: true }", "2026-11-21")).toEqual([]);
  });

  test.each([
    ["the built-in authority", builtIn("2026-11-21"), "update"],
    ["cert-manager", "{ mode: certManager }", "nobody"],
    ["cert-manager and Reloader", "{ mode: certManager, reloader: true }", "reloader"],
  ])("given %s, then every reader of a certificate is named, with what restarts it", async (_, tls, by) => {
    expect(flightRestarts((await render(tls)).graph)).toEqual([
      ["noetl-flight-client", `Deployment noetl/worker by ${by}`],
      ["noetl-flight-tls", `Deployment noetl/noetl-server by ${by}`],
    ]);
  });
});
