import { describe, expect, test } from "@jest/globals";
import { readEngineConfig, secretKeysOf } from "../../../stacks/config/engine";
import { ALLOWED, configOf, problemsIn, stackText } from "./support";

const REQUIRED = {
  "noetl:profile": "kind",
  "noetl:cluster": '{"context":"kind-noetl"}',
  "noetl:postgres": '{"mode":"inCluster"}',
};

const read = (more: Record<string, string>, secretKeys: string[] = []) =>
  readEngineConfig({ stack: "kind", entries: { ...REQUIRED, ...more }, secretKeys: new Set(secretKeys) });

describe("configuration from the engine", () => {
  test("given the same settings, when read from a file and from the engine, then they are the same", () => {
    const entries = { "noetl:nats": '{"storage":"9Gi"}', "noetl:workerPools": "[]", "pulumi:tags": '{"a":"b"}' };
    expect(read(entries)).toEqual(configOf(stackText("noetl:nats: { storage: 9Gi }\nnoetl:workerPools: []")));
  });

  test("given the defaults of Pulumi.yaml, when read, then they are as good as nothing", () => {
    expect(read({ "noetl:nats": "{}", "noetl:workerPools": "[]", "noetl:secrets": "{}" })).toEqual(read({}));
  });

  test("given decrypted secrets of a secret key, when read, then they are used", () => {
    const { secrets } = read({ "noetl:secrets": '{"natsPassword":"hunter2"}' }, ["noetl:secrets"]);
    expect(secrets).toMatchObject({ natsPassword: "hunter2" });
  });

  const KEY_32 = Buffer.alloc(32, 7).toString("base64");

  test.each([
    ["encryptionKey", KEY_32],
    ["internalApiToken", "any thing: at all"],
    ["postgresPassword", 'it\'s \\ "quoted"'],
    ["noetlPassword", "uni✓code"],
    ["natsPassword", "a.Z-0_~9"],
    ["natsSystemPassword", "$x #y"],
  ])("given %s as its reader takes it, when read, then it is used", (name, value) => {
    const { secrets } = read({ "noetl:secrets": JSON.stringify({ [name]: value }) }, ["noetl:secrets"]);
    expect(secrets).toMatchObject({ [name]: value });
  });

  test.each([
    ["encryptionKey", "canary-key", "base64 of 32 bytes, as `openssl rand -base64 32` makes it"],
    ["encryptionKey", Buffer.alloc(16).toString("base64"), "base64 of 32 bytes, as `openssl rand -base64 32` makes it"],
    ["internalApiToken", "canary\n", "text without line breaks"],
    ["postgresPassword", "canary\n", "text without line breaks"],
    ["noetlPassword", "canary\n", "text without line breaks"],
    ["natsPassword", "canary@host", "letters, digits, '-', '.', '_' and '~'"],
    ["natsSystemPassword", "$2a$10$canary", "text without line breaks that is no bcrypt hash"],
  ])("given %s as its reader does not take it, when read, then says so without the value", (name, value, allowed) => {
    const problems = problemsIn(() => read({ "noetl:secrets": JSON.stringify({ [name]: value }) }, ["noetl:secrets"]));
    expect(problems).toEqual([
      {
        path: `noetl:secrets.${name}`,
        message: "does not have the form its reader takes",
        allowed,
        next: `run: pulumi config set --secret --path 'noetl:secrets.${name}'`,
      },
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/canary/);
  });

  test.each<[string, Record<string, string>, string[], object]>([
    [
      "a secret of a key that is not secret",
      { "noetl:secrets": '{"natsPassword":"hunter2"}' },
      [],
      {
        path: "noetl:secrets.natsPassword",
        message: "this secret is not encrypted",
        allowed: ALLOWED.secret,
        next: "run: pulumi config set --secret --path 'noetl:secrets.natsPassword'; and change the secret, it has been readable",
      },
    ],
    [
      "an encrypted value where none belongs",
      { "noetl:nats": '{"storage":"9Gi"}' },
      ["noetl:nats"],
      {
        path: "noetl:nats",
        message: "holds an encrypted value, but none of its settings is a secret",
        allowed: "plain values",
      },
    ],
    [
      "a wrong value",
      { "noetl:nats": '{"storage":"5 Gib"}' },
      [],
      { path: "noetl:nats.storage", message: '"5 Gib" is not a size', allowed: ALLOWED.size, suggestion: "5Gi" },
    ],
    [
      "a wrong number",
      { "noetl:server": '{"replicas":0}' },
      [],
      { path: "noetl:server.replicas", message: "0 is less than 1", allowed: "a whole number from 1 to 1024" },
    ],
    [
      "text that is no JSON",
      { "noetl:workerPools": "[{" },
      [],
      { path: "noetl:workerPools", message: "JSON in a text is not read" },
    ],
    [
      "a misspelt key",
      { "noetl:natz": "{}" },
      [],
      { path: "noetl:natz", message: "unknown key", suggestion: "noetl:nats" },
    ],
    [
      "a broken rule",
      { "noetl:server": '{"pool":{"min":50}}' },
      [],
      { path: "noetl:server.pool.min", message: "50 is more than server.pool.max, 10 (the default)" },
    ],
    [
      "a profile that looks like a number",
      { "noetl:profile": "5" },
      [],
      { path: "noetl:profile", message: '"5" is none of the choices' },
    ],
  ])("given %s, when read, then the message is that of a file, without a line", (_, entries, secretKeys, expected) => {
    expect(problemsIn(() => read(entries, secretKeys))).toEqual([expect.objectContaining(expected)]);
  });

  test("given several mistakes, when read, then the error lists all and names the stack", () => {
    expect(() => read({ "noetl:nats": '{"storage":5}', "noetl:server": '{"debug":"yes"}' })).toThrow(
      [
        "stack kind: 2 problems",
        "",
        "  noetl:nats.storage: 5 has no unit",
        `  allowed: ${ALLOWED.size}`,
        "",
        '  noetl:server.debug: "yes" is neither true nor false',
        "  allowed: true or false",
        "  did you mean: true",
      ].join("\n"),
    );
  });

  test("given Pulumi's test for secrets, when asked for all keys, then those that pass are secret", () => {
    expect(secretKeysOf({ "noetl:secrets": "{}", "noetl:nats": "{}" }, (key) => key === "noetl:secrets")).toEqual(
      new Set(["noetl:secrets"]),
    );
  });
});
