import { describe, expect, test } from "@jest/globals";
import type { ConfigProblem } from "../../../stacks/config/problem";
import { ALLOWED, pool, problem, problemsOf, stackText } from "./support";

type Rest = Pick<ConfigProblem, "allowed" | "suggestion" | "next">;

const whole = (minimum: number, maximum: number) => `a whole number from ${minimum} to ${maximum}`;
const line = (maximum: number) => `one line of 1 to ${maximum} characters, without "$("`;

/** Finds one problem in a line of the section, which stands on line 6, indented by four. */
function expectProblem(section: string, setting: string, at: string, message: string, rest: Rest): void {
  const [key = ""] = setting.split(":");
  const found = problemsOf(stackText(`noetl:${section}:\n  ${setting}`));
  expect(found).toEqual([problem(`6:${at}`, `noetl:${section}.${key}`, message, rest)]);
}

describe("sizes", () => {
  test.each<[string, string, string | undefined]>([
    ["5 Gib", '"5 Gib" is not a size', "5Gi"],
    ["5 Gi", '"5 Gi" is not a size', "5Gi"],
    ["5GiB", '"5GiB" is not a size', "5Gi"],
    ["5GB", '"5GB" is not a size', "5Gi or 5G"],
    ["300kb", '"300kb" is not a size', "300Ki or 300k"],
    ["5g", '"5g" is not a size', "5Gi"],
    ["0.5Gi", '"0.5Gi" is not a size', "512Mi"],
    ["5368709120", "5368709120 has no unit", "5Gi"],
    ["7", "7 has no unit", undefined],
    ["'7'", '"7" has no unit', undefined],
    ["-5Gi", '"-5Gi" is negative', undefined],
    ["5.1Gi", '"5.1Gi" is not a whole number of bytes', "5223Mi"],
    ["256.7Mi", '"256.7Mi" is not a whole number of bytes', "262861Ki"],
    ["1.0001Ki", '"1.0001Ki" is not a whole number of bytes', undefined],
    ["-5", "-5 is negative", undefined],
    ["0", "0 is not a size", undefined],
    ["100Ti", '"100Ti" is more than 64Ti', undefined],
    ["99999999999999999999Gi", '"99999999999999999999Gi" is more than 64Ti', undefined],
    ["five", '"five" is not a size', undefined],
    ["''", '"" is not a size', undefined],
    ["true", "true is not a size", undefined],
    [".nan", ".nan is not a size", undefined],
    ["[5Gi]", "is a list, not a single value", undefined],
    ["{ a: 5Gi }", "is a group of settings, not a single value", undefined],
  ])("given storage: %s, when read, then the message is: %s", (value, message, suggestion) => {
    const rest = { allowed: ALLOWED.size, ...(suggestion !== undefined && { suggestion }) };
    expectProblem("nats", `storage: ${value}`, "14", message, rest);
  });

  test("given a size above the setting's own limit, when read, then that limit is named", () => {
    const allowed = "a size in whole bytes such as 512Mi or 5Gi, more than 0 and at most 64Mi";
    expectProblem("nats", "maxPayload: 65Mi", "17", '"65Mi" is more than 64Mi', { allowed });
  });
});

describe("CPU", () => {
  test.each<[string, string, string | undefined]>([
    ["250 m", '"250 m" is not a CPU amount', "250m"],
    ["2 cores", '"2 cores" is not a CPU amount', "2"],
    ["0.3337", "0.3337 is not a CPU amount", "334m"],
    ["-1", "-1 is negative", undefined],
    ["0", "0 is not a CPU amount", undefined],
    ["4000", "4000 is more than 1024", undefined],
    [".inf", ".inf is not a CPU amount", undefined],
    ["two", '"two" is not a CPU amount', undefined],
  ])("given cpu: %s, when read, then the message is: %s", (cpu, message, suggestion) => {
    const found = problemsOf(stackText(`noetl:nats: { resources: { requests: { cpu: ${cpu} } } }`));
    const rest = { allowed: ALLOWED.cpu, ...(suggestion !== undefined && { suggestion }) };
    expect(found).toEqual([problem("5:47", "noetl:nats.resources.requests.cpu", message, rest)]);
  });
});

describe("numbers", () => {
  test.each<[string, string, Rest]>([
    ["0", "0 is less than 1", {}],
    ["-3", "-3 is less than 1", {}],
    ["2000", "2000 is more than 1024", {}],
    ["99999999999999999999", "99999999999999999999 is more than 1024", {}],
    ["1e9", "1e9 is more than 1024", {}],
    ["1.5", "1.5 is not a whole number", {}],
    [".inf", ".inf is not a whole number", {}],
    [".nan", ".nan is not a whole number", {}],
    ["three", '"three" is not a whole number', {}],
    ["true", "true is not a whole number", {}],
    ['"3"', '"3" is text, because of its quotes', { suggestion: "3", next: "remove the quotes" }],
    ["", "nothing is given", { next: "remove the key to use the default 1" }],
    ["~", "nothing is given", { next: "remove the key to use the default 1" }],
    ["010", "010 is not a plain decimal number, and YAML readers disagree on it", { suggestion: "10" }],
    ["0o17", "0o17 is not a plain decimal number, and YAML readers disagree on it", { suggestion: "15" }],
    ["0x1F", "0x1F is not a plain decimal number, and YAML readers disagree on it", { suggestion: "31" }],
    ["1_000", "1_000 is not a plain decimal number, and YAML readers disagree on it", { suggestion: "1000" }],
    ["2024-01-01", "2024-01-01 is a date to Pulumi, not text", { suggestion: '"2024-01-01"' }],
  ])("given replicas: %s, when read, then the message is: %s", (value, message, rest) => {
    const at = value === "" ? "5" : "15";
    expectProblem("server", `replicas: ${value}`, at, message, { allowed: whole(1, 1024), ...rest });
  });
});

describe("true and false", () => {
  test.each<[string, string, Rest]>([
    ["yes", '"yes" is neither true nor false', { suggestion: "true" }],
    ["off", '"off" is neither true nor false', { suggestion: "false" }],
    ["1", "1 is neither true nor false", { suggestion: "true" }],
    ["maybe", '"maybe" is neither true nor false', {}],
    ['"true"', '"true" is text, because of its quotes', { suggestion: "true", next: "remove the quotes" }],
    ["", "nothing is given", { next: "remove the key to use the default false" }],
  ])("given debug: %s, when read, then the message is: %s", (value, message, rest) => {
    expectProblem("server", `debug: ${value}`, value === "" ? "5" : "12", message, {
      allowed: "true or false",
      ...rest,
    });
  });
});

describe("text, names and choices", () => {
  const long = "a".repeat(300);
  test.each<[string, string, string, string, Rest]>([
    ["a number for text", "rustLog: 5", "14", "5 is a number, not text", { allowed: line(255), suggestion: '"5"' }],
    [
      "true for text",
      "rustLog: true",
      "14",
      "true is true or false, not text",
      { allowed: line(255), suggestion: '"true"' },
    ],
    ["empty text", "rustLog: ''", "14", "the text is empty", { allowed: line(255) }],
    ["long text", `rustLog: ${long}`, "14", "the text has 300 characters", { allowed: line(255) }],
    [
      "a line break",
      'rustLog: "a\\nb"',
      "14",
      "the text holds a line break or another control character",
      { allowed: line(255) },
    ],
    [
      "what the kubelet takes for a variable",
      "rustLog: $(PATH)",
      "14",
      'the kubelet would take "$(" for the beginning of a variable',
      { allowed: line(255) },
    ],
    [
      "a date as text",
      "rustLog: 2024-01-01",
      "14",
      "2024-01-01 is a date to Pulumi, not text",
      { allowed: line(255), suggestion: '"2024-01-01"' },
    ],
    [
      "an optional text without value",
      "rustLog:",
      "5",
      "nothing is given",
      { allowed: line(255), next: "remove the key" },
    ],
    [
      "capitals in a name",
      "name: Server",
      "11",
      '"Server" is not a name',
      { allowed: ALLOWED.name, suggestion: "server" },
    ],
    [
      "blanks in a name",
      "name: my server",
      "11",
      '"my server" is not a name',
      { allowed: ALLOWED.name, suggestion: "my-server" },
    ],
    ["a long wrong value", `name: ${long}`, "11", `"${"a".repeat(59)}…" is not a name`, { allowed: ALLOWED.name }],
    [
      "a misspelt choice",
      "healthApi: sede",
      "16",
      '"sede" is none of the choices',
      { allowed: "seed, published", suggestion: "seed" },
    ],
    ["no choice at all", "healthApi: 5", "16", "5 is none of the choices", { allowed: "seed, published" }],
    [
      "an image without tag",
      "image: ghcr.io/noetl/server",
      "12",
      '"ghcr.io/noetl/server" is not an image',
      {
        allowed:
          "an image with a tag or digest, such as ghcr.io/noetl/server:3.39.3 or registry/name@sha256:…; not :latest",
      },
    ],
    [
      "an image :latest",
      "image: ghcr.io/noetl/server:latest",
      "12",
      '"ghcr.io/noetl/server:latest" is not an image',
      {
        allowed:
          "an image with a tag or digest, such as ghcr.io/noetl/server:3.39.3 or registry/name@sha256:…; not :latest",
      },
    ],
    [
      "a URL with a password, which is not shown",
      "publicUrl: https://me:hunter2@example.com/x",
      "16",
      '"https://…@example.com/x" is not a URL',
      { allowed: "an http:// or https:// URL without user name and password" },
    ],
    [
      "a host with a scheme",
      "bindAddress: tcp://0.0.0.0",
      "18",
      '"tcp://0.0.0.0" is not a host',
      { allowed: "a host name or IPv4 address without scheme and port, such as postgres.example.com" },
    ],
  ])("given %s, when read, then the message says so", (_, setting, at, message, rest) => {
    expectProblem("server", setting, at, message, rest);
  });

  test.each<[string, string, string, string, Rest]>([
    [
      "a consumer with a blank",
      "consumer: a b",
      "consumer",
      '"a b" is not a NATS name',
      { allowed: "1 to 64 letters, digits, '_' and '-'", suggestion: "a-b" },
    ],
    [
      "a wildcard in the middle",
      "filterSubject: noetl.>.x",
      "filterSubject",
      '"noetl.>.x" is not a NATS subject',
      { allowed: "a subject such as noetl.commands.shared.>, tokens between dots, '*' or a final '>' as wildcards" },
    ],
  ])("given %s, when read, then the message names the pool by its index", (_, setting, key, message, rest) => {
    const settings = {
      name: "name: a",
      poolName: "poolName: a",
      consumer: "consumer: a",
      filterSubject: "filterSubject: noetl.commands.a",
      [key]: setting,
    };
    const lines = [
      "noetl:workerPools:",
      pool("first"),
      ...Object.values(settings).map((text, index) => `${index === 0 ? "  - " : "    "}${text}`),
    ];
    const found = problemsOf(stackText(lines.join("\n")));
    expect(found).toEqual([expect.objectContaining({ path: `noetl:workerPools[1].${key}`, message, ...rest })]);
  });

  test.each(["Pg_x", "1st", "my-db", "pg_x"])("given the database name %s, when read, then it is refused", (name) => {
    const found = problemsOf(stackText("", { postgres: `noetl:postgres: { mode: inCluster, database: ${name} }` }));
    expect(found).toMatchObject([{ path: "noetl:postgres.database", message: `"${name}" is not an SQL name` }]);
  });
});

describe("groups and lists", () => {
  const pools =
    "a group of settings: name, poolName, runtime, segment, segments, consumer, filterSubject, sharesConsumer, maxConcurrent, runsJobs, image, replicas, scaling, stream, subject, heartbeatInterval, natsLagPollInterval, ipcCacheBudget, sharedMemory, commandTimeout, terminationGracePeriod, keychain, rustLog, resources";
  const nats = `a group of settings: ${ALLOWED.nats}`;
  const json = "write the settings below the key, or set each with pulumi config set --path";
  test.each<[string, string, ConfigProblem]>([
    [
      "text for a group",
      "noetl:nats: 8Gi",
      problem("5:15", "noetl:nats", '"8Gi" is not a group of settings', { allowed: nats }),
    ],
    [
      "a list for a group",
      "noetl:nats: [8Gi]",
      problem("5:15", "noetl:nats", "is a list, not a group of settings", { allowed: nats }),
    ],
    [
      "nothing for a group",
      "noetl:nats:",
      problem("5:3", "noetl:nats", "nothing is given", { allowed: nats, next: "remove the key" }),
    ],
    [
      "JSON text for a group",
      `noetl:nats: '{"storage": "8Gi"}'`,
      problem("5:15", "noetl:nats", "JSON in a text is not read", { allowed: nats, next: json }),
    ],
    [
      "a group for a list",
      "noetl:workerPools: { name: a }",
      problem("5:22", "noetl:workerPools", "is a group of settings, not a list", {
        allowed: "a list of at most 1000 entries",
      }),
    ],
    [
      "text for a list",
      "noetl:workerPools: a",
      problem("5:22", "noetl:workerPools", '"a" is not a list', { allowed: "a list of at most 1000 entries" }),
    ],
    [
      "text for an entry",
      "noetl:workerPools: [a]",
      problem("5:23", "noetl:workerPools[0]", '"a" is not a group of settings', { allowed: pools }),
    ],
    [
      "nothing for an entry",
      "noetl:workerPools: [~]",
      problem("5:23", "noetl:workerPools[0]", "nothing is given", { allowed: pools }),
    ],
    [
      "an empty list",
      "noetl:server: { keychain: { kubernetes: { namespaces: [] } } }",
      problem("5:57", "noetl:server.keychain.kubernetes.namespaces", "the list is empty", {
        allowed: "a list of 1 to 100 entries",
      }),
    ],
  ])("given %s, when read, then the message says what belongs there", (_, text, expected) => {
    expect(problemsOf(stackText(text))).toEqual([expected]);
  });

  test("given too many entries, when read, then they are counted", () => {
    const names = Array.from({ length: 60 }, (_, index) => `d${index}`).join(", ");
    const postgres = `noetl:postgres: { mode: inCluster, extraDatabases: [${names}] }`;
    expect(problemsOf(stackText("", { postgres }))).toEqual([
      problem("4:54", "noetl:postgres.extraDatabases", "60 entries are too many", {
        allowed: "a list of at most 50 entries",
      }),
    ]);
  });
});

describe("choices that decide about other settings", () => {
  const postgres = (settings: string) => problemsOf(stackText("", { postgres: `noetl:postgres: { ${settings} }` }));

  test("given no mode, when read, then the modes are named", () => {
    const expected = problem("4:3", "noetl:postgres.mode", "is missing", { allowed: "inCluster, external, cloudSql" });
    expect(postgres("storage: 5Gi")).toEqual([expected]);
  });

  test("given a misspelt mode, when read, then the nearest is suggested", () => {
    const rest = { allowed: "inCluster, external, cloudSql", suggestion: "inCluster" };
    expect(postgres("mode: incluster")).toEqual([
      problem("4:27", "noetl:postgres.mode", '"incluster" is none of the choices', rest),
    ]);
  });

  test("given a setting of another mode, when read, then it is told which mode it goes with", () => {
    expect(postgres("mode: inCluster, transactionPooling: true")).toMatchObject([
      {
        path: "noetl:postgres.transactionPooling",
        message: "unknown key",
        next: "transactionPooling goes with mode: external",
      },
    ]);
  });

  test("given a mode without what it requires, when read, then only that mode's settings are missing", () => {
    const found = problemsOf(
      stackText("noetl:secrets: { noetlPassword: { secure: a }, postgresPassword: { secure: a } }", {
        postgres: "noetl:postgres: { mode: external }",
      }),
    );
    const allowed = "a host name or IPv4 address without scheme and port, such as postgres.example.com";
    expect(found).toEqual([problem("4:3", "noetl:postgres.host", "is missing", { allowed })]);
  });
});
