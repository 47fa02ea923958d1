import { describe, expect, test } from "@jest/globals";
import { configOf, problemsOf, stackText } from "./support";

const REST = 'ports: [1], reason: "long enough text"';

function flow(from: string, to: string, rest = REST): string {
  return stackText(`noetl:networkPolicy: { flows: [{ from: { ${from} }, to: { ${to} }, ${rest} }] }`);
}

/** `where: what` of every problem. */
function said(text: string): string[] {
  return problemsOf(text).map(({ path, message }) => `${path}: ${message}`);
}

describe("noetl:networkPolicy", () => {
  test("given nothing, then it is enforced, workers reach the Internet and not the metadata server", () => {
    expect(configOf(stackText("")).networkPolicy).toEqual({
      mode: "enforced",
      apiServer: ["10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16"],
      nameServers: ["169.254.20.10/32", "169.254.169.254/32"],
      workers: { internet: true, metadataServer: false },
      flows: [],
    });
  });

  test.each([
    ["a workload to addresses", "workload: nats", "cidr: 10.0.0.0/8, except: [10.1.0.0/16]"],
    ["pods of others to a workload", "namespace: team, labels: [a.b/c=d]", "workload: server"],
    ["a namespace of the platform", "namespace: noetl", "namespace: postgres"],
  ])("given a flow of %s, then nothing is wrong", (_, from, to) => {
    expect(() => configOf(flow(from, to))).not.toThrow();
  });

  test.each<[string, string, string, string[]]>([
    ["no end", "", "workload: nats", ["from: says neither workload nor namespace nor cidr"]],
    ["two ends in one", "workload: nats, cidr: 10.0.0.0/8", "workload: nats", ["from: says more than one thing"]],
    [
      "labels of a workload",
      "workload: nats, labels: [a=b]",
      "workload: nats",
      ["from.labels: has no namespace to find the pods in"],
    ],
    [
      "an exception from no range",
      "workload: nats, except: [10.0.0.0/8]",
      "workload: nats",
      ["from.except: has no range to leave them out of"],
    ],
    [
      "an exception outside its range",
      "workload: nats",
      "cidr: 10.0.0.0/8, except: [11.0.0.0/16]",
      ["to.except[0]: 11.0.0.0/16 is not a part of 10.0.0.0/8"],
    ],
    [
      "an exception as large as its range",
      "workload: nats",
      "cidr: 10.0.0.0/8, except: [10.0.0.0/8]",
      ["to.except[0]: 10.0.0.0/8 is not a part of 10.0.0.0/8"],
    ],
    [
      "a workload that is not there",
      "workload: workers",
      "workload: nats",
      ['from.workload: the platform has no workload "workers"'],
    ],
    [
      "two ends of others",
      "namespace: team",
      "cidr: 10.0.0.0/8",
      [": neither begins nor ends at the platform, so none of its policies could allow it"],
    ],
  ])("given a flow with %s, then it is told what and where", (_, from, to, expected) => {
    const place = "noetl:networkPolicy.flows[0]";
    expect(said(flow(from, to))).toEqual(
      expected.map((text) => (text.startsWith(":") ? place + text : `${place}.${text}`)),
    );
  });

  test.each([
    ["another mode", "mode: strict", 'mode: "strict" is none of the choices'],
    ["no address of the API server", "apiServer: []", "apiServer: the list is empty"],
    ["a name server by its name", "nameServers: [dns.google]", 'nameServers[0]: "dns.google" is not an address range'],
    [
      "a label without value",
      "scrapers: [{ namespace: m, labels: [app] }]",
      'scrapers[0].labels[0]: "app" is not a label',
    ],
    ["a word for a switch", "workers: { internet: often }", 'workers.internet: "often" is neither true nor false'],
  ])("given %s, then it is told what and where", (_, setting, message) => {
    expect(said(stackText(`noetl:networkPolicy: { ${setting} }`))).toEqual([`noetl:networkPolicy.${message}`]);
  });

  test.each([
    ["no port", 'ports: [], reason: "long enough text"', "ports: the list is empty"],
    ["a reason of a word", 'ports: [1], reason: "because"', 'reason: "because" is not a reason'],
    [
      "another protocol",
      'ports: [1], protocol: SCTP, reason: "long enough text"',
      'protocol: "SCTP" is none of the choices',
    ],
  ])("given a flow with %s, then it is told", (_, rest, message) => {
    expect(said(flow("workload: nats", "workload: server", rest))).toEqual([`noetl:networkPolicy.flows[0].${message}`]);
  });
});
