import { describe, expect, test } from "@jest/globals";
import { secretReferences } from "../../../preview/checks/secret-references";
import type { Json } from "../../../preview/graph";
import { env, findingsOf, graph, object, workload, type Node, type WorkloadOptions } from "../support";

const secret = (name: string, ...keys: string[]) =>
  object({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name, namespace: "noetl" },
    stringData: Object.fromEntries(keys.map((key) => [key, "<secret>"])),
  });
const custom = (apiVersion: string, kind: string, name: string, spec: Record<string, Json>) =>
  object({ apiVersion, kind, metadata: { name, namespace: "noetl" }, spec });

const ref = (name: string, key: string, more: Record<string, Json> = {}): WorkloadOptions => ({
  container: { env: env({ TOKEN: { secretKeyRef: { name, key, ...more } } }) },
});
const volume = (source: Record<string, Json>): WorkloadOptions => ({
  podSpec: { volumes: [{ name: "files", ...source }] },
});
const items = (...keys: string[]): Json => keys.map((key) => ({ key, path: key }));

/** What is found of one workload beside these objects. */
function told(read: WorkloadOptions, made: Node[], settings?: Record<string, unknown>): [string, string][] {
  return findingsOf(secretReferences, graph(...made, workload(read)), settings).map(({ severity, message }) => [
    severity,
    message.replace(/ which has no such key: .*| which nobody makes: .*/, (end) => end.slice(0, end.indexOf(":"))),
  ]);
}

describe("a Secret that nobody makes", () => {
  test("is an error that says who reads what, and by which settings one names a Secret of one's own", () => {
    expect(findingsOf(secretReferences, graph(workload(ref("a", "k"))))).toEqual([
      {
        severity: "error",
        rule: "secret-references",
        resource: expect.stringMatching(/Deployment::app$/),
        message:
          "container 'app', env TOKEN, of Deployment noetl/app reads Secret noetl/a, key k, which nobody makes: its pods would wait for it for ever",
        fix: "make the Secret in the program, or name one of yours by a setting for that (noetl:workerPools[].keychain, noetl:systemPool.keychain, noetl:server.keychain.vault.filesSecret, noetl:nats.tls.secretName)",
      },
    ]);
  });

  test.each<[string, WorkloadOptions, string]>([
    ["envFrom", { container: { envFrom: [{ secretRef: { name: "a" } }] } }, "container 'app', envFrom[0],"],
    ["a volume", volume({ secret: { secretName: "a" } }), "volume 'files'"],
    ["a projected volume", volume({ projected: { sources: [{ secret: { name: "a" } }] } }), "volume 'files'"],
    ["the registry's password", { podSpec: { imagePullSecrets: [{ name: "a" }] } }, "imagePullSecrets"],
    [
      "an init container",
      { podSpec: { initContainers: [{ name: "wait", envFrom: [{ secretRef: { name: "a" } }] }] } },
      "container 'wait', envFrom[0],",
    ],
    ["a Job", { kind: "Job", ...volume({ secret: { secretName: "a" } }) }, "volume 'files'"],
  ])("given %s, when checked, then it is told", (_, read, by) => {
    const kind = read.kind ?? "Deployment";
    expect(told(read, [secret("b", "k")])).toEqual([
      ["error", `${by} of ${kind} noetl/app reads Secret noetl/a, which nobody makes`],
    ]);
  });

  test("given one of the same name in another namespace, when checked, then it is told", () => {
    expect(told({ ...ref("a", "k"), namespace: "nats" }, [secret("a", "k")])).toEqual([
      ["error", "container 'app', env TOKEN, of Deployment nats/app reads Secret nats/a, key k, which nobody makes"],
    ]);
  });

  test.each<[string, WorkloadOptions]>([
    ["an optional variable", ref("a", "k", { optional: true })],
    ["an optional volume", volume({ secret: { secretName: "a", optional: true } })],
    ["a literal variable", { container: { env: env({ A: "b" }) } }],
    ["another volume", volume({ emptyDir: {} })],
  ])("given %s, when checked, then nothing is found", (_, read) => {
    expect(told(read, [])).toEqual([]);
  });
});

describe("a key that a Secret does not have", () => {
  test.each<[string, WorkloadOptions, string]>([
    ["a variable", ref("a", "K"), "container 'app', env TOKEN,"],
    ["a volume", volume({ secret: { secretName: "a", items: items("k", "K") } }), "volume 'files'"],
    [
      "a projected one",
      volume({ projected: { sources: [{ secret: { name: "a", items: items("K") } }] } }),
      "volume 'files'",
    ],
  ])("given %s that reads it, when checked, then it is told with the keys that there are", (_, read, by) => {
    const shown = graph(secret("a", "k", "l"), workload(read));
    expect(findingsOf(secretReferences, shown)).toEqual([
      expect.objectContaining({
        severity: "error",
        message: `${by} of Deployment noetl/app reads key K of Secret noetl/a, which has no such key: its pods would wait for it for ever`,
        fix: "read one that it has: k, l",
      }),
    ]);
  });
});

describe("a Secret that comes to be", () => {
  test.each<[string, Node, string]>([
    ["by the program", secret("a", "k"), "k"],
    ["by the program, of keys that nobody sees", secret("a"), "k"],
    [
      "by a certificate, under another name",
      custom("cert-manager.io/v1", "Certificate", "other", { secretName: "a" }),
      "tls.crt",
    ],
    [
      "by GKE",
      custom("secret-sync.gke.io/v1", "SecretSync", "a", {
        secretObject: { data: [{ sourcePath: "f", targetKey: "k" }] },
      }),
      "k",
    ],
    [
      "by the CSI driver",
      custom("secrets-store.csi.x-k8s.io/v1", "SecretProviderClass", "c", {
        secretObjects: [{ secretName: "a", data: [{ objectName: "f", key: "k" }] }],
      }),
      "k",
    ],
    [
      "by the External Secrets Operator",
      custom("external-secrets.io/v1", "ExternalSecret", "a", { data: [{ secretKey: "k" }] }),
      "k",
    ],
  ])("%s is found with its keys", (how, made, key) => {
    expect(told(ref("a", key), [made])).toEqual([]);
    const unseen = how.includes("nobody sees");
    expect(told(ref("a", "unknown"), [made])).toHaveLength(unseen ? 0 : 1);
  });
});

describe("a Secret of one's own", () => {
  const keychain = [{ variable: "TOKEN", secret: "mine", key: "k" }];
  const worker = { name: "worker", poolName: "w", consumer: "w", filterSubject: "noetl.commands.w.>" };

  test.each<[string, Record<string, unknown>]>([
    ["a pool's keychain", { workerPools: [{ ...worker, keychain }] }],
    ["the system pool's keychain", { systemPool: { keychain } }],
    ["files of the server's keychain", { server: { keychain: { kubernetes: { filesSecret: "mine" } } } }],
  ])("given that %s names it, when checked, then nothing is found", (_, settings) => {
    expect(told(ref("mine", "k"), [], settings)).toEqual([]);
    expect(told(ref("mime", "k"), [], settings)).toHaveLength(1);
  });

  test("given a certificate of namespace nats that a setting names, when checked, then nothing is found", () => {
    const settings = { nats: { tls: { secretName: "mine" } } };
    const read = volume({ secret: { secretName: "mine" } });
    expect(told({ ...read, namespace: "nats" }, [], settings)).toEqual([]);
    expect(told(read, [], settings)).toHaveLength(1);
  });

  test("given a keychain that reads a key which a Secret of the program does not have, when checked, then it is told", () => {
    expect(told(ref("mine", "k"), [secret("mine", "other")], { systemPool: { keychain } })).toEqual([
      [
        "error",
        "container 'app', env TOKEN, of Deployment noetl/app reads key k of Secret noetl/mine, which has no such key",
      ],
    ]);
  });
});
