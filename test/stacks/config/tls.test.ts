import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

/** A built-in authority on line 5: who signs, whom peers trust, from when certificates hold. */
function builtIn(
  generation: number,
  trusted: [number, string][],
  leaves = '{ issuedOn: "2027-01-20" }',
  more = "",
): string {
  const roots = trusted.map(([number, day]) => `{ generation: ${number}, issuedOn: "${day}" }`).join(", ");
  return `noetl:tls: { mode: builtIn, ca: { generation: ${generation}, trusted: [${roots}]${more} }, leaves: ${leaves} }`;
}

const DAY = "2026-11-21";

describe("noetl:tls", () => {
  test("given no key, when read, then there are no certificates", () => {
    expect(configOf(stackText("")).tls).toEqual({ mode: "off" });
  });

  test("given only cert-manager, when read, then the platform's own values hold", () => {
    expect(configOf(stackText("noetl:tls: { mode: certManager }")).tls).toEqual({
      mode: "certManager",
      ca: { generation: 1, trusted: [1], days: 3650, kind: "Issuer", operatorNamespace: "cert-manager" },
      leaves: { days: 365, renewBefore: 30 },
      reloader: false,
    });
  });

  test.each([
    ["one root", builtIn(1, [[1, DAY]])],
    [
      "both roots, the old one signs",
      builtIn(1, [
        [1, DAY],
        [2, "2027-01-15"],
      ]),
    ],
    [
      "both roots, the new one signs",
      builtIn(2, [
        [1, DAY],
        [2, "2027-01-15"],
      ]),
    ],
    ["the new root alone", builtIn(2, [[2, "2027-01-15"]])],
    ["the same by cert-manager", "noetl:tls: { mode: certManager, ca: { generation: 2, trusted: [1, 2] } }"],
    ["an issuer there is", "noetl:tls: { mode: issuer, issuer: { name: google-cas } }"],
    ["a leaf that ends with its root", builtIn(1, [[1, "2027-01-20"]], '{ issuedOn: "2027-01-20" }', ", days: 365")],
  ])("given %s, when read, then nothing is wrong", (_, lines) => {
    expect(problemsOf(stackText(lines))).toEqual([]);
  });

  test.each([
    [
      "a root that signs before anybody trusts it",
      "noetl:tls: { mode: certManager, ca: { generation: 2 } }",
      problem(
        "5:53",
        "noetl:tls.ca.generation",
        "generation 2 would sign, and no peer trusts it: all would refuse each other (the default)",
        {
          allowed: "a generation of tls.ca.trusted: 1",
          next: "keep generation 1, add 2 to tls.ca.trusted, and apply that first; then set tls.ca.generation: 2",
        },
      ),
    ],
    [
      "an old root dropped while it signs",
      builtIn(1, [[2, "2027-01-15"]]),
      problem("5:59", "noetl:tls.ca.trusted", "generation 1 still signs, and no peer would trust it", {
        allowed: "generations with 1 among them, as long as tls.ca.generation is 1",
        next: "keep 1 in tls.ca.trusted, set tls.ca.generation: 2, and apply that first; then drop 1",
      }),
    ],
    [
      "a generation twice",
      "noetl:tls: { mode: certManager, ca: { trusted: [1, 1] } }",
      problem("5:54", "noetl:tls.ca.trusted[1]", "generation 1 is in the list already", {
        allowed: "each generation once",
      }),
    ],
    [
      "a leaf that outlives its root",
      builtIn(1, [[1, DAY]], '{ issuedOn: "2027-01-20" }', ", days: 424"),
      problem(
        "5:133",
        "noetl:tls.leaves.issuedOn",
        "certificates would end on 2028-01-20, and the root of generation 1, which signs them, on 2028-01-19",
        {
          allowed: "a day by which 365 days are over before 2028-01-19",
          next: "add generation 2 to tls.ca.trusted, and let it sign",
        },
      ),
    ],
    [
      "a leaf older than its root",
      builtIn(1, [[1, "2027-01-21"]]),
      problem(
        "5:121",
        "noetl:tls.leaves.issuedOn",
        "certificates would hold from 2027-01-20 on, and the root of generation 1, which signs them, from 2027-01-21 on",
        { allowed: "2027-01-21 or later" },
      ),
    ],
    [
      "leaves as long as roots of cert-manager's",
      "noetl:tls: { mode: certManager, ca: { days: 365 } }",
      problem("5:14", "noetl:tls.leaves.days", "certificates would hold 365 days, and their root 365", {
        allowed: "a whole number from 2 to 364",
      }),
    ],
    [
      "a renewal before the certificate",
      "noetl:tls: { mode: certManager, leaves: { days: 30 } }",
      problem(
        "5:14",
        "noetl:tls.leaves.renewBefore",
        "30 days before its end, a certificate of 30 days does not hold yet",
        {
          allowed: "a whole number from 1 to 29",
        },
      ),
    ],
    [
      "a day that is none",
      builtIn(1, [[1, "2026-02-30"]]),
      problem("5:93", "noetl:tls.ca.trusted[0].issuedOn", '"2026-02-30" is not a date', {
        allowed: 'a day such as "2027-03-31", in quotes',
        suggestion: '"2026-02-30"',
      }),
    ],
    [
      "three roots",
      "noetl:tls: { mode: certManager, ca: { trusted: [1, 2, 3] } }",
      problem("5:50", "noetl:tls.ca.trusted", "3 entries are too many", { allowed: "a list of 1 to 2 entries" }),
    ],
    [
      "nobody who signs",
      "noetl:tls: {}",
      problem("5:14", "noetl:tls.mode", "is missing", { allowed: "off, builtIn, certManager, issuer, given" }),
    ],
  ])("given %s, when read, then it is told what, where and what next", (_, lines, expected) => {
    const [found, ...others] = problemsOf(stackText(lines));
    expect(others).toEqual([]);
    // Which character it stands at is for others to test.
    expect({ ...found, line: 0, column: 0 }).toEqual({ ...expected, line: 0, column: 0 });
  });
});
