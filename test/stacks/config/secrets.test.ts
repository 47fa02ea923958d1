import { describe, expect, test } from "@jest/globals";
import { readEngineConfig } from "../../../stacks/config/engine";
import { ConfigError, type ConfigProblem } from "../../../stacks/config/problem";
import { PLACEHOLDER } from "../../../stacks/config/secrets";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ALLOWED, configOf, FILE, problem, problemsOf, stackText } from "./support";

const run = "run: pulumi config set --secret --path 'noetl:secrets.natsPassword'";

describe("secrets in a stack file", () => {
  test("given an encrypted value, when read, then a placeholder stands for it, never the ciphertext", () => {
    const text = stackText("noetl:secrets: { natsPassword: { secure: v1:CIPHERTEXT } }");
    expect(configOf(text).secrets).toMatchObject({ natsPassword: PLACEHOLDER });
    expect(JSON.stringify(parseStackFile(text, FILE))).not.toContain("CIPHERTEXT");
  });

  test.each<[string, string, ConfigProblem]>([
    [
      "a secret as text",
      "noetl:secrets: { natsPassword: hunter2 }",
      problem("5:34", "noetl:secrets.natsPassword", "this secret is not encrypted", {
        allowed: ALLOWED.secret,
        next: `${run}; and change the secret, it has been readable`,
      }),
    ],
    [
      "a secret as a number",
      "noetl:secrets: { natsPassword: 12345 }",
      problem("5:34", "noetl:secrets.natsPassword", "this secret is not encrypted", {
        allowed: ALLOWED.secret,
        next: `${run}; and change the secret, it has been readable`,
      }),
    ],
    [
      "a secret without value",
      "noetl:secrets: { natsPassword: }",
      problem("5:20", "noetl:secrets.natsPassword", "nothing is given", {
        allowed: ALLOWED.secret,
        next: `remove the key, or ${run}`,
      }),
    ],
    [
      "an encrypted value with something beside it",
      "noetl:secrets: { natsPassword: { secure: v1:x, note: mine } }",
      problem("5:34", "noetl:secrets.natsPassword", "this secret is not encrypted", {
        allowed: ALLOWED.secret,
        next: `${run}; and change the secret, it has been readable`,
      }),
    ],
    [
      "an encrypted value that is no text",
      "noetl:secrets: { natsPassword: { secure: 5 } }",
      problem("5:34", "noetl:secrets.natsPassword", "this secret is not encrypted", {
        allowed: ALLOWED.secret,
        next: `${run}; and change the secret, it has been readable`,
      }),
    ],
    [
      "an encrypted value where no secret belongs",
      "noetl:nats: { storage: { secure: v1:x } }",
      problem("5:26", "noetl:nats.storage", "is encrypted, but is not a secret", {
        allowed: ALLOWED.size,
        next: "run: pulumi config set --path 'noetl:nats.storage' VALUE",
      }),
    ],
    [
      "a section encrypted as a whole",
      "noetl:nats: { secure: v1:x }",
      problem("5:15", "noetl:nats", "is encrypted as a whole", {
        allowed: "a group of settings, each secret in it as `secure: …`",
      }),
    ],
  ])("given %s, when read, then the message says what to run", (_, line, expected) => {
    expect(problemsOf(stackText(line))).toEqual([expected]);
  });

  test("given all secrets encrypted as one, when read, then it is told to encrypt each", () => {
    expect(problemsOf(stackText("noetl:secrets: { secure: v1:x }"))).toMatchObject([
      { path: "noetl:secrets", message: "is encrypted as a whole" },
    ]);
  });
});

describe("no message shows a secret", () => {
  const canary = "CANARY-7d1f";
  /** Everything that a mistake of any kind could make visible. */
  test.each([
    ["as text", `noetl:secrets: { natsPassword: ${canary} }`],
    ["in quotes", `noetl:secrets: { natsPassword: "${canary}" }`],
    ["in an unclosed quote", `noetl:secrets: { natsPassword: "${canary} }`],
    ["behind a tab", `noetl:secrets:\n\tnatsPassword: ${canary}`],
    ["with a reserved character", `noetl:secrets: { natsPassword: @${canary} }`],
    ["with an asterisk", `noetl:secrets: { natsPassword: *${canary} }`],
    ["with an ampersand", `noetl:secrets: { natsPassword: &${canary} }`],
    ["with an exclamation mark", `noetl:secrets: { natsPassword: !${canary} x }`],
    ["with an unknown escape", `noetl:secrets: { natsPassword: "\\k${canary}" }`],
    ["with a block sign", `noetl:secrets:\n  natsPassword: |${canary}\n    x`],
    ["with a per cent sign", `noetl:secrets: { natsPassword: %${canary} }`],
    ["in a list", `noetl:secrets: { natsPassword: [${canary}] }`],
    ["in a group", `noetl:secrets: { natsPassword: { value: ${canary} } }`],
    ["beside its ciphertext", `noetl:secrets: { natsPassword: { secure: v1:x, plain: ${canary} } }`],
    ["under a misspelt key", `noetl:secrets: { natsPasword: ${canary} }`],
    ["under a key of another section", `noetl:nats: { password: ${canary} }`],
    ["in place of the section", `noetl:secrets: ${canary}`],
    ["as a list of secrets", `noetl:secrets: [${canary}]`],
    ["as JSON", `noetl:secrets: '{"natsPassword": "${canary}"}'`],
    ["given twice", `noetl:secrets: { natsPassword: ${canary}, natsPassword: ${canary} }`],
    ["in a URL", `noetl:server: { publicUrl: "https://admin:${canary}@example.com:x" }`],
    ["as ciphertext where none belongs", `noetl:nats: { storage: { secure: ${canary} } }`],
  ])("given a secret %s, when read, then it is refused without being shown", (_, lines) => {
    expect(shownBy(() => parseStackFile(stackText(lines), FILE))).not.toContain(canary);
  });

  test.each<[string, string]>([
    ["in plain text", JSON.stringify({ natsPassword: canary })],
    ["in plain text under a misspelt key", JSON.stringify({ natsPasword: canary })],
    ["in place of the section", canary],
    ["in broken JSON", `{"natsPassword": "${canary}"`],
  ])("given a secret %s under the engine, when read, then it is refused without being shown", (_, secrets) => {
    const entries = {
      "noetl:profile": "kind",
      "noetl:cluster": '{"context":"x"}',
      "noetl:postgres": '{"mode":"inCluster"}',
      "noetl:secrets": secrets,
    };
    expect(shownBy(() => readEngineConfig({ stack: "kind", entries, secretKeys: new Set() }))).not.toContain(canary);
  });

  /** Everything of an error that could be printed or stored. */
  function shownBy(read: () => unknown): string {
    try {
      read();
    } catch (error) {
      if (error instanceof ConfigError)
        return `${error.message}\n${error.stack}\n${JSON.stringify(error)}\n${JSON.stringify(error.problems)}`;
      throw error;
    }
    throw new Error("was not refused");
  }
});
