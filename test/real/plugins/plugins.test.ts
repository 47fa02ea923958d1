import { describe, expect, it } from "@jest/globals";
import { changesOf } from "./changes";
import { driftOf, shownOf } from "./kubernetes/live";
import { immutablePaths, mutableKinds } from "./kubernetes/replaces";
import { randomPlugin } from "./random";
import { hasUnknown, isSecret, marked, plain, secret, UNKNOWN } from "./values";

/* The plugins' own logic; what they do with an engine and a cluster is in ../engine. */

describe("changes", () => {
  it("names every property that is added, gone or another, as Pulumi writes its path", () => {
    const old = {
      spec: { replicas: 1, items: [{ image: "a" }, { image: "b" }] },
      metadata: { labels: { "a.b/c": "1" } },
    };
    const now = { spec: { items: [{ image: "x" }] }, metadata: { labels: { "a.b/c": "2" } }, kind: "Job" };

    expect(changesOf(old, now)).toEqual([
      { path: "kind", kind: "add" },
      { path: 'metadata.labels["a.b/c"]', kind: "update" },
      { path: "spec.items[0].image", kind: "update" },
      { path: "spec.items[1]", kind: "delete" },
      { path: "spec.replicas", kind: "delete" },
    ]);
  });

  it("finds none where only a mark is new", () => {
    expect(changesOf({ password: "x" }, { password: secret("x") })).toEqual([]);
  });
});

describe("marks of values", () => {
  it("go to the same places of another value", () => {
    const like = { data: { password: secret("old"), user: "me" }, list: [secret(1), 2] };

    expect(marked({ data: { password: "new", user: "me" }, list: [3, 4] }, like)).toEqual({
      data: { password: secret("new"), user: "me" },
      list: [secret(3), 4],
    });
  });

  it("are found and taken away at any depth", () => {
    const value = { a: [secret({ b: secret("c") }), UNKNOWN] };

    expect(plain(value)).toEqual({ a: [{ b: "c" }, UNKNOWN] });
    expect(hasUnknown(value)).toBe(true);
    expect(hasUnknown({ a: "known" })).toBe(false);
  });
});

describe("a live object", () => {
  const inputs = { apiVersion: "v1", kind: "Secret", metadata: { name: "a" }, stringData: secret({ key: "value" }) };
  const live = (key: string) => ({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", uid: "1", resourceVersion: "7" },
    data: { key: Buffer.from(key).toString("base64"), other: "eA==" },
    type: "Opaque",
  });

  it("is shown as far as the inputs name its fields, with its secrets marked", () => {
    expect(shownOf(live("value"), inputs)).toEqual({ ...inputs, metadata: { name: "a", uid: "1" } });
  });

  it("has drifted where it is not as it was, and nowhere else", () => {
    const outputs = shownOf(live("value"), inputs);

    expect(driftOf({ inputs, outputs }, shownOf(live("value"), inputs))).toEqual(inputs);
    expect(driftOf({ inputs, outputs }, shownOf(live("changed"), inputs))).toEqual({
      ...inputs,
      stringData: secret({ key: "changed" }),
    });
  });

  it("has not drifted where the API server writes a value in another way", () => {
    const cpu = { apiVersion: "v1", kind: "Pod", metadata: { name: "a" }, spec: { cpu: "1000m" } };
    const outputs = { ...cpu, spec: { cpu: "1" } };

    expect(driftOf({ inputs: cpu, outputs }, outputs)).toEqual(cpu);
  });
});

describe("replacements", () => {
  it("hit the content of a ConfigMap, unless the provider's arguments say that it may change", () => {
    const configMap = { kind: "ConfigMap" };

    expect(immutablePaths(configMap, mutableKinds({}))).toContain("data");
    expect(immutablePaths(configMap, mutableKinds({ enableConfigMapMutable: "true" }))).not.toContain("data");
  });
});

describe("random values", () => {
  it.each([
    ["random:index/randomPassword:RandomPassword", { length: 32, special: false }, { result: /^[A-Za-z0-9]{32}$/ }],
    ["random:index/randomBytes:RandomBytes", { length: 32 }, { hex: /^[0-9a-f]{64}$/, base64: /^[\w+/]{43}=$/ }],
  ])("are secret, and of the form asked for: %s", async (type, inputs, forms) => {
    const call = { type, name: "a", inputs, preview: false, limit: undefined, signal: new AbortController().signal };
    const { outputs } = await randomPlugin().create(call);

    for (const [name, form] of Object.entries(forms)) {
      expect(isSecret(outputs[name])).toBe(true);
      expect(plain(outputs)[name]).toMatch(form);
    }
  });
});
