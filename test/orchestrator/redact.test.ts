import { describe, expect, test } from "@jest/globals";
import { HIDDEN, Redactor, withoutSecrets } from "../../orchestrator/redact";

describe("what looks like a secret is taken out", () => {
  test.each([
    ["a token of ours", `it has noetl_${"a".repeat(43)} in it`, `it has ${HIDDEN} in it`],
    ["a signed token", "got eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmVk!", `got ${HIDDEN}!`],
    ["a header", "Authorization: Bearer abcdefgh.ijk", `Authorization: ${HIDDEN} ${HIDDEN}`],
    ["an address", "postgres://noetl:hunter2@db:5432/noetl", `postgres://noetl:${HIDDEN}@db:5432/noetl`],
    ["a variable", "PULUMI_CONFIG_PASSPHRASE=hunter2 pulumi up", `PULUMI_CONFIG_PASSPHRASE=${HIDDEN} pulumi up`],
    ["a quoted variable", "db.password='hunter 2', x=1", `db.password=${HIDDEN}, x=1`],
    ["JSON", '{"apiKey": "a\\"b", "name": "x"}', `{"apiKey": ${HIDDEN}, "name": "x"}`],
    ["YAML", "password: hunter2", `password: ${HIDDEN}`],
    ["a key of a cloud", "AKIAABCDEFGHIJKLMNOP denied", `${HIDDEN} denied`],
    ["a token of Pulumi", `pul-${"0a".repeat(20)}`, HIDDEN],
    ["a token of Vault", `hvs.${"a".repeat(24)}`, HIDDEN],
    ["a token of a code host", `ghp_${"a".repeat(36)}`, HIDDEN],
    ["the shortest variable", "token=x", `token=${HIDDEN}`],
    ["the shortest token of a chat", `xoxb-${"a".repeat(10)}`, HIDDEN],
    ["the shortest password of an address", "://:x@", `://:${HIDDEN}@`],
    ["a seed of NATS", `SUA${"B".repeat(55)}`, HIDDEN],
    ["a key", "x -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- y", `x ${HIDDEN} y`],
  ])("%s", (_title, text, clean) => {
    expect(withoutSecrets(text)).toBe(clean);
  });
});

test.each([
  "create Secret noetl/noetl-secret: added",
  "update kubernetes:core/v1:Secret nats-token: 3 fields",
  "the token has expired: get a new one",
  "https://example.com:8080/a@b",
  "noetl:nats.tokenSecret names a Secret",
])("%s holds no secret", (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

test("a known value is taken out wherever it stands, whatever it looks like; a short one is not", () => {
  const redactor = new Redactor(["canary value", "canary value and more", "abc"]);
  expect(redactor.json({ a: ["x canary value and more y"], "canary value": 1, b: "abc" })).toEqual({
    a: [`x ${HIDDEN} y`],
    [HIDDEN]: 1,
    b: "abc",
  });
});

test("what stands under the name of a secret is taken out of a value, and nothing else", () => {
  expect(
    new Redactor().json({ db: { password: "x", passwordLength: 1 }, token: 5, kind: "Secret", none: null }),
  ).toEqual({
    db: { password: HIDDEN, passwordLength: 1 },
    token: 5,
    kind: "Secret",
    none: null,
  });
});

test("a key over several lines is taken out of each", () => {
  const clean = new Redactor().lines();
  const lines = ["a", "-----BEGIN PRIVATE KEY-----", "MIIE", "-----END PRIVATE KEY-----", "b"].map((text) => ({
    at: 1,
    stream: "stdout" as const,
    text,
  }));
  const texts = [...clean(lines.slice(0, 3)), ...clean(lines.slice(3))].map(({ text }) => text);
  expect(texts).toEqual(["a", HIDDEN, HIDDEN, HIDDEN, "b"]);
});

test.each(["x", "eyJ-", "a.", "a://", "token", '"', "password: ", "-----BEGIN PRIVATE KEY-----", "://a:"])(
  "a long text of %s takes no long time",
  (part) => {
    // One that takes the square of its length would take hours.
    expect(withoutSecrets(part.repeat(1_000_000 / part.length)).length).toBeGreaterThan(0);
  },
);

test("an entry of a log loses what the same value would; one that has nothing to lose stays as it is", () => {
  const redactor = new Redactor(["canary value"]);
  const clean = { level: "info", status: 202, by: null, route: "/tasks/:id" };
  expect(redactor.entry(clean)).toBe(clean);
  for (const [name, value] of [
    ["message", "a canary value"],
    ["canary value", "x"],
    ["token", "x"],
    ["text", "token=x"],
  ] as const) {
    const entry = { ...clean, [name]: value };
    expect(redactor.entry(entry)).toEqual(redactor.json(entry));
    expect(redactor.entry(entry)).not.toEqual(entry);
  }
});
