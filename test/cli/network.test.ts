import { describe, expect, test } from "@jest/globals";
import { ran } from "./ran";

describe("noetl-ops network", () => {
  test("given a flow, says yes, why, and by which policies", async () => {
    expect(await ran(["network", "may", "noetl-server-rust", "postgres/postgres"])).toEqual({
      status: 0,
      stdout:
        "yes server → postgres 5432: event log, catalog and credentials\n" +
        "    out: allowed by allow-server\n    in: allowed by allow-postgres\n",
      stderr: "",
    });
  });

  test("given none, says no, names the policies, and exits with 1; --json says the same", async () => {
    const { status, stdout } = await ran(["network", "may", "workers", "postgres", "5432", "--json"]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual([
      {
        from: "workers",
        to: "postgres",
        port: 5432,
        protocol: "TCP",
        allowed: false,
        egress: "out: nothing in allow-workers or default-deny allows it",
        ingress: "in: nothing in allow-postgres or default-deny allows it",
        reasons: [],
      },
    ]);
  });

  test("given no port and an address, asks for one", async () => {
    expect(await ran(["network", "may", "workers", "8.8.8.8"])).toEqual({
      status: 1,
      stdout: "",
      stderr: "error: 8.8.8.8 has no port that is known; name one: noetl-ops network may workers 8.8.8.8 443\n",
    });
  });

  test.each([
    [
      ["may", "a", "b", "0"],
      "command-argument value '0' is invalid for argument 'port'. Allowed: a port from 1 to 65535.\nnext: noetl-ops network may --help",
    ],
    [
      ["may", "a"],
      "missing required argument 'to'\nusage: noetl-ops network may [options] <from> <to> [port]\nnext: noetl-ops network may --help",
    ],
    [
      ["--format", "x"],
      "option '--format <format>' argument 'x' is invalid. Allowed choices are table, markdown, json, svg.\nnext: noetl-ops network --help",
    ],
  ])("given %j, refuses it as wrong usage", async (args, message) => {
    expect(await ran(["network", ...args])).toEqual({ status: 2, stdout: "", stderr: `error: ${message}\n` });
  });

  test("given --json, prints the table and the open pairs", async () => {
    const { status, stdout } = await ran(["network", "--stack", "gke", "--json"]);
    expect(status).toBe(0);
    const { stack, flows } = JSON.parse(stdout) as { stack: string; flows: unknown[] };
    expect(stack).toBe("gke");
    expect(flows).toContainEqual({
      from: "workers",
      to: "internet",
      ports: [],
      reason: "calls of third parties",
      setting: null,
    });
  });
});
