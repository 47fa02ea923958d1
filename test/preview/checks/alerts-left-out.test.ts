import { expect, test } from "@jest/globals";
import { alertsLeftOut } from "../../../preview/checks/alerts-left-out";
import { configOf, stackText } from "../../stacks/config/support";
import { graph } from "../support";

function findings(lines: string) {
  return alertsLeftOut.run({ graph: graph(), config: configOf(stackText(lines)), workloads: [] });
}

test("given nobody who watches, when checked, then there is nothing to leave out", () => {
  expect(findings("")).toEqual([]);
});

test("given monitoring of what the stack scrapes, when checked, then what it does not is told, each with what to do", () => {
  expect(findings("noetl:monitoring: { kind: gmp }\nnoetl:keda: { install: true }")).toEqual([
    {
      severity: "info",
      rule: "alerts-left-out",
      resource: "noetl:monitoring",
      message:
        "NATS exporter not scraped: nobody is told of quorum, routes and stores of NATS, stalled consumers, and a server without messaging",
      fix: "set noetl:nats.exporter to true",
    },
    expect.objectContaining({
      message: "PgBouncer exporter not scraped: nobody is told of a pool of connections that is near its budget",
    }),
    expect.objectContaining({
      message: "cert-manager not scraped: nobody is told of certificates that end or are not renewed",
    }),
  ]);
});

test("given every part that a setting can have scraped, when checked, then only PgBouncer is missing", () => {
  const all =
    "noetl:monitoring: { kind: gmp, certManager: {} }\nnoetl:keda: { install: true }\nnoetl:nats: { exporter: true }";
  expect(findings(all).map(({ fix }) => fix)).toEqual(["connect through noetl:pgbouncer, with its exporter"]);
});
