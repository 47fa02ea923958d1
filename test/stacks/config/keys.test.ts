import { describe, expect, test } from "@jest/globals";
import type { ConfigProblem } from "../../../stacks/config/problem";
import { ALLOWED, configOf, problem, problemsOf, stackText } from "./support";

describe("keys of a stack file", () => {
  const keys = ALLOWED.keys;
  test.each<[string, string, ConfigProblem]>([
    [
      "a misspelt key",
      "noetl:natz: {}",
      problem("5:3", "noetl:natz", "unknown key", { allowed: keys, suggestion: "noetl:nats" }),
    ],
    [
      "a key in other letters",
      "noetl:workerpools: []",
      problem("5:3", "noetl:workerpools", "unknown key", { allowed: keys, suggestion: "noetl:workerPools" }),
    ],
    ["a key of nothing alike", "noetl:redis: {}", problem("5:3", "noetl:redis", "unknown key", { allowed: keys })],
    [
      "a path as one key",
      "noetl:nats.storage: 5Gi",
      problem("5:3", "noetl:nats.storage", "unknown key", {
        allowed: keys,
        next: "write it below noetl:nats, or set it with: pulumi config set --path 'noetl:nats.storage' VALUE",
      }),
    ],
    [
      "Pulumi's old form of a key",
      "noetl:config:nats: {}",
      problem("5:3", "noetl:config:nats", "unknown key", { allowed: keys, suggestion: "noetl:nats" }),
    ],
    [
      "the same key in both forms",
      "profile: gke",
      problem("5:3", "profile", "is the same setting as noetl:profile (line 2)", { allowed: "each key once" }),
    ],
    [
      "a misspelt project",
      "noet:nats: {}",
      problem("5:3", "noet:nats", 'belongs to project "noet", not to "noetl"', {
        allowed: keys,
        suggestion: "noetl:nats",
      }),
    ],
    [
      "a key of another project",
      "webshop:color: red",
      problem("5:3", "webshop:color", 'belongs to project "webshop", not to "noetl"', { allowed: keys }),
    ],
    [
      "the cluster as a setting of the provider",
      "kubernetes:context: kind-noetl",
      problem("5:3", "kubernetes:context", "the program configures the kubernetes provider itself", {
        allowed: "noetl:cluster.context",
        next: "set noetl:cluster.context instead",
      }),
    ],
    [
      "another setting of a provider",
      "kubernetes:namespace: x",
      problem("5:3", "kubernetes:namespace", "the program configures the kubernetes provider itself", {
        allowed: keys,
        next: "remove the key",
      }),
    ],
    [
      "a provider that is not used",
      "aws:region: x",
      problem("5:3", "aws:region", "the program uses no aws provider", { allowed: keys, next: "remove the key" }),
    ],
    [
      "a Google Cloud project",
      "gcp:project: x",
      problem("5:3", "gcp:project", "the program configures the gcp provider itself", {
        allowed: "noetl:gcp.project",
        next: "set noetl:gcp.project instead",
      }),
    ],
  ])("given %s, when read, then the message says what to write", (_, line, expected) => {
    expect(problemsOf(stackText(line))).toEqual([expected]);
  });

  test("given a stack file of another project, when read, then that is all there is to say", () => {
    const text = "config:\n  webshop:color: red\n  webshop:size: 5\n  kubernetes:context: x\n";
    const allowed = 'a stack file of project "noetl", with keys such as noetl:profile';
    expect(problemsOf(text)).toEqual([
      problem("2:3", "webshop:color", 'this stack file belongs to project "webshop"', { allowed }),
    ]);
  });

  test("given a misspelt required key, when read, then it is not missing besides", () => {
    const found = problemsOf(stackText("", { cluster: "noetl:clustr: { context: x }" }));
    expect(found).toEqual([
      problem("3:3", "noetl:clustr", "unknown key", { allowed: keys, suggestion: "noetl:cluster" }),
    ]);
  });

  test("given keys without prefix and keys of Pulumi, when read, then they are fine", () => {
    const text =
      "config:\n  profile: kind\n  cluster: { context: x }\n  postgres: { mode: inCluster }\n  pulumi:tags: { a: b }\n";
    expect(configOf(text).cluster.context).toBe("x");
  });
});

describe("keys within a section", () => {
  const server =
    "name, image, replicas, healthApi, port, bindAddress, workers, debug, serverName, publicUrl, tls, metrics, autoRecreateRuntime, runtimeSweepInterval, runtimeOfflineSeconds, systemPluginDirectory, machineId, shards, flip, pool, keychain, rustLog, resources";
  const { nats } = ALLOWED;
  test.each<[string, string, ConfigProblem]>([
    [
      "a misspelt key",
      "noetl:nats: { storge: 5Gi }",
      problem("5:17", "noetl:nats.storge", "unknown key", { allowed: nats, suggestion: "storage" }),
    ],
    [
      "a key in capitals",
      "noetl:server: { REPLICAS: 2 }",
      problem("5:19", "noetl:server.REPLICAS", "unknown key", { allowed: server, suggestion: "replicas" }),
    ],
    [
      "a key of another section",
      "noetl:nats: { maxConcurrent: 3 }",
      problem("5:17", "noetl:nats.maxConcurrent", "unknown key", {
        allowed: nats,
        next: "a key of this name exists as noetl:workerPools[].maxConcurrent and as noetl:systemPool.maxConcurrent",
      }),
    ],
    [
      "a key of nowhere",
      "noetl:nats: { quux: 3 }",
      problem("5:17", "noetl:nats.quux", "unknown key", { allowed: nats }),
    ],
    [
      "a key with a dot",
      "noetl:nats: { 'jetstream.file': 5Gi }",
      problem("5:17", 'noetl:nats["jetstream.file"]', "unknown key", { allowed: nats }),
    ],
    [
      "a key like a prototype's",
      "noetl:nats: { __proto__: 5, constructor: 6 }",
      problem("5:17", "noetl:nats.__proto__", "unknown key", { allowed: nats }),
    ],
    [
      "a group below a group",
      "noetl:server: { pool: { maximum: 5 } }",
      problem("5:27", "noetl:server.pool.maximum", "unknown key", { allowed: "max, min, acquireTimeout" }),
    ],
  ])("given %s, when read, then the message names what the section has", (_, line, expected) => {
    expect(problemsOf(stackText(line))[0]).toEqual(expected);
  });

  test("given a required setting that is missing, when read, then its section is pointed at", () => {
    const allowed = 'one line of 1 to 253 characters, without "$("';
    expect(problemsOf(stackText("", { cluster: "noetl:cluster: {}" }))).toEqual([
      problem("3:3", "noetl:cluster.context", "is missing", { allowed }),
    ]);
  });

  test("given a misspelt required setting, when read, then it is not missing besides", () => {
    const found = problemsOf(stackText("", { cluster: "noetl:cluster: { contxt: x }" }));
    expect(found).toEqual([
      problem("3:20", "noetl:cluster.contxt", "unknown key", { allowed: "context, nodes", suggestion: "context" }),
    ]);
  });
});

describe("several problems", () => {
  test("given nothing but a misspelt key, when read, then what is missing is told besides", () => {
    expect(problemsOf("config:\n  noetl:natz: {}\n").map(({ path }) => path)).toEqual([
      "noetl:profile",
      "noetl:cluster",
      "noetl:postgres",
      "noetl:natz",
    ]);
  });

  test("given mistakes in all sections, when read, then all are told at once, in the order of the file", () => {
    const text = stackText(
      "noetl:nats:\n  storage: 5 Gib\n  storge: 1\nnoetl:server: { debug: yes, replicas: -1 }\nnoetl:nat: 1",
      { profile: "noetl:profile: knd" },
    );
    expect(problemsOf(text).map(({ line, path }) => `${line} ${path}`)).toEqual([
      "2 noetl:profile",
      "6 noetl:nats.storage",
      "7 noetl:nats.storge",
      "8 noetl:server.debug",
      "8 noetl:server.replicas",
      "9 noetl:nat",
    ]);
  });
});
