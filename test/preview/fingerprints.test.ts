import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "@jest/globals";
import { fingerprintKey } from "../../preview/fingerprints";
import type { ResourceGraph } from "../../preview/graph";
import { impactBetween } from "../../preview/impact";
import { renderedFiles } from "../../preview/manifests";
import { record } from "../../preview/recorder";
import { withRewrittenSecrets } from "../../preview/rewritten-secrets";
import { renderStack } from "../../preview/render";
import { parseStackFile } from "../../stacks/config/stack-file";

const CANARY = "canary-7GxQ2kVn0f";

/** A program with one secret in a Secret and one in a ConfigMap. */
function recordWith(secret: string, secretKey?: Buffer): Promise<ResourceGraph> {
  return record({
    project: "noetl",
    stack: "test",
    secretKey,
    program: () => {
      const metadata = { name: "login", namespace: "noetl" };
      new k8s.core.v1.Secret("login", { metadata, stringData: { "the.password": secret, user: "noetl" } });
      new k8s.core.v1.ConfigMap("login", { metadata, data: { key: pulumi.secret(secret) } });
      return {};
    },
  });
}

async function compared(before: string, after: string, keys: [Buffer?, Buffer?]): Promise<unknown> {
  const [old, now] = [await recordWith(before, keys[0]), await recordWith(after, keys[1])];
  const { resources } = impactBetween(old, now, { stack: "test", before: "a", after: "b" });
  return resources.map(({ kind, fields }) => [kind, fields.map(({ path }) => path)]);
}

describe("secrets of two runs", () => {
  test("given one key, when a secret differs, then its place is told, and neither value nor anything made of it", async () => {
    const key = fingerprintKey();
    const [old, now] = [await recordWith(CANARY, key), await recordWith(`${CANARY}-2`, key)];

    const { resources } = impactBetween(old, now, { stack: "test", before: "a", after: "b" });

    const print = expect.stringMatching(/^<secret [0-9a-f]{12}>$/);
    expect(resources.map(({ kind, fields }) => [kind, fields])).toStrictEqual([
      ["Secret", [{ path: 'stringData["the.password"]', before: print, after: print }]],
      ["ConfigMap", [{ path: "data.key", before: print, after: print }]],
    ]);
    expect(JSON.stringify([old, now, resources])).not.toContain(CANARY);
    expect([...renderedFiles(now).values()].join("\n")).not.toMatch(/<secret [0-9a-f]/);
  });

  test("given one key, when nothing differs, then nothing is told", async () => {
    const key = fingerprintKey();

    expect(await compared(CANARY, CANARY, [key, key])).toStrictEqual([]);
  });

  test("given no key on a side, when a secret differs, then nobody can tell", async () => {
    expect(await compared(CANARY, "another", [undefined, fingerprintKey()])).toStrictEqual([]);
  });
});

describe("an encrypted secret of the stack file", () => {
  const file = (ciphertext: string): string => `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
  noetl:secrets:
    natsPassword:
      secure: ${ciphertext}
`;

  test("when it was written anew, then the Secrets that are made of it have other fingerprints, and no others", async () => {
    const before = parseStackFile(file("v1:aaaa:bbbb"), "Pulumi.kind.yaml");
    const after = parseStackFile(file("v1:cccc:dddd"), "Pulumi.kind.yaml");
    const key = fingerprintKey();

    const graphs = [
      await renderStack(before, key),
      await renderStack(withRewrittenSecrets(before, after), key),
    ] as const;

    const { resources } = impactBetween(...graphs, { stack: "kind", before: "a", after: "b" });
    expect(
      resources
        .filter(({ change }) => change === "changed")
        .map(({ kind, name, fields }) => [kind, name, fields.map(({ path }) => path)]),
    ).toStrictEqual([
      ["Secret", "nats-auth", ['stringData["passwords.conf"]']],
      ["Secret", "noetl-nats", ["stringData.NATS_PASSWORD", "stringData.NOETL_NATS_URL"]],
    ]);
  });

  test("when it was not, then the settings stay as they are", () => {
    const before = parseStackFile(file("v1:aaaa:bbbb"), "Pulumi.kind.yaml");

    expect(withRewrittenSecrets(before, before)).toBe(before);
  });
});
