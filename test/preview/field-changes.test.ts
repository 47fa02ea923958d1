import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { fieldChanges, type FieldChange } from "../../preview/field-changes";
import type { Json } from "../../preview/graph";
import { isObject, type JsonObject } from "../../preview/json";
import { patched } from "./impact/patch";

describe("field changes", () => {
  test("given containers in another order, when compared, then items are matched by name", () => {
    const before: Json = {
      containers: [
        { name: "a", image: "a:1" },
        { name: "b", image: "b:1", env: [{ name: "X", value: "1" }] },
      ],
    };
    const after: Json = {
      containers: [
        { name: "a", image: "a:2" },
        { name: "b", image: "b:1", env: [{ name: "Y", value: "1" }] },
      ],
    };
    expect(fieldChanges(before, after)).toEqual([
      { path: "containers[a].image", before: "a:1", after: "a:2" },
      { path: "containers[b].env[X]", before: { name: "X", value: "1" } },
      { path: "containers[b].env[Y]", after: { name: "Y", value: "1" } },
    ]);
  });

  test("given the same items in another order, when compared, then only the order changed", () => {
    const names = (...list: string[]): Json => ({ initContainers: list.map((name) => ({ name })) });
    expect(fieldChanges(names("a", "b", "c"), names("c", "a", "b", "d"))).toEqual([
      { path: "initContainers[d]", after: { name: "d" } },
      { path: "initContainers (order)", before: ["a", "b", "c"], after: ["c", "a", "b"] },
    ]);
  });

  test("given mounts of one volume, when compared, then the mount path tells them apart", () => {
    const mounts = (second: string): Json => [
      { name: "tmp", mountPath: "/tmp" },
      { name: "tmp", mountPath: "/run", subPath: second },
    ];
    expect(fieldChanges(mounts("a"), mounts("b"))).toEqual([{ path: "[/run].subPath", before: "a", after: "b" }]);
  });

  test("given ports without names, when compared, then the number tells them apart", () => {
    expect(fieldChanges([{ port: 80 }, { port: 81 }], [{ port: 81, nodePort: 30081 }])).toEqual([
      { path: "[80]", before: { port: 80 } },
      { path: "[81].nodePort", after: 30081 },
    ]);
  });

  test("given lists of plain values, when compared, then equal ones are matched, and what is left in its order", () => {
    expect(fieldChanges({ args: ["-c", "a=1"] }, { args: ["-c", "a=2", "-d"] })).toEqual([
      { path: "args[1]", before: "a=1", after: "a=2" },
      { path: "args[2]", after: "-d" },
    ]);
    expect(fieldChanges({ args: ["-c", "-d"] }, { args: ["-b", "-c", "-d"] })).toEqual([
      { path: "args[0]", after: "-b" },
    ]);
    expect(fieldChanges({ args: ["-b", "-c"] }, { args: ["-c"] })).toEqual([{ path: "args[0]", before: "-b" }]);
    expect(fieldChanges({ args: ["-b", "-c"] }, { args: ["-c", "-b"] })).toEqual([
      { path: "args (order)", before: [0, 1], after: [1, 0] },
    ]);
  });

  describe("given rules that nothing names", () => {
    const rule = (app: string, port: number) => ({
      from: [{ podSelector: { app } }],
      ports: [{ port, protocol: "TCP" }],
    });
    const policy = (...ingress: Json[]): Json => ({ spec: { ingress } });
    const [a, b, c] = [rule("a", 1), rule("b", 2), rule("c", 3)];

    test("when one comes first, then only that one is new", () => {
      expect(fieldChanges(policy(b, c), policy(a, b, c))).toEqual([{ path: "spec.ingress[0]", after: a }]);
    });

    test("when the first goes, then only that one does", () => {
      expect(fieldChanges(policy(a, b, c), policy(b, c))).toEqual([{ path: "spec.ingress[0]", before: a }]);
    });

    test("when one changes and another comes before it, then it is told by its new place", () => {
      expect(fieldChanges(policy(b), policy(a, rule("b", 4)))).toEqual([
        { path: "spec.ingress[0]", after: a },
        { path: "spec.ingress[1].ports[2]", before: { port: 2, protocol: "TCP" } },
        { path: "spec.ingress[1].ports[4]", after: { port: 4, protocol: "TCP" } },
      ]);
    });

    test("when their order changes, then nothing does: Kubernetes reads none", () => {
      expect(fieldChanges(policy(a, b, c), policy(c, b, a))).toEqual([]);
    });

    test("when the order of what makes pods changes, then it is told", () => {
      const constraints = (...keys: string[]): Json => ({
        spec: { template: { topologySpreadConstraints: keys.map((topologyKey) => ({ topologyKey })) } },
      });
      expect(fieldChanges(constraints("zone", "host"), constraints("host", "zone"))).toEqual([
        { path: "spec.template.topologySpreadConstraints (order)", before: [0, 1], after: [1, 0] },
      ]);
    });
  });

  test.each([
    [{ requests: { cpu: "1" } }, { requests: { cpu: "1000m" } }],
    [{ limits: { memory: "1Gi" } }, { limits: { memory: "1024Mi" } }],
    [{ resources: { requests: { storage: 1024 } } }, { resources: { requests: { storage: "1Ki" } } }],
    [{ emptyDir: { sizeLimit: "1Gi" } }, { emptyDir: { sizeLimit: "1024Mi" } }],
  ])("given the equal quantities %j and %j, when compared, then nothing changed", (before, after) => {
    expect(fieldChanges(before, after)).toEqual([]);
  });

  test("given texts that are quantities elsewhere, when compared, then they differ", () => {
    expect(fieldChanges({ value: "1" }, { value: "1000m" })).toEqual([{ path: "value", before: "1", after: "1000m" }]);
    expect(fieldChanges({ port: 1 }, { port: "1" })).toEqual([{ path: "port", before: 1, after: "1" }]);
  });

  test("given keys that are no words, when compared, then the path quotes them", () => {
    const annotations = (port: string): Json => ({ metadata: { annotations: { "prometheus.io/port": port } } });
    expect(fieldChanges(annotations("1"), annotations("2"))).toEqual([
      { path: 'metadata.annotations["prometheus.io/port"]', before: "1", after: "2" },
    ]);
  });

  const { value: anything } = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.string({ maxLength: 4 }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie("value"), { maxLength: 4 }),
      fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), value: tie("value") }), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("name", "env", "a.b", "limits"), tie("value"), {
        maxKeys: 3,
        noNullPrototype: true,
      }),
    ),
  }));

  test("given any value, when compared with itself, then nothing changed", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(fieldChanges(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  test("given any two values, when the changes are made in one, then it is the other", () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const made = patched({ one }, fieldChanges({ one }, { one: other }));
        // A named item that comes has no place.
        expect(fieldChanges(made, { one: other }).filter(({ path }) => !path.endsWith(" (order)"))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("given any two values, when compared the other way round, then the same values come and go", () => {
    const sides = (changes: readonly FieldChange[], [was, is]: ["before", "after"] | ["after", "before"]): string[] =>
      changes
        .filter(({ path }) => !path.endsWith(" (order)"))
        .map((change) => JSON.stringify([change.path.replaceAll(/\[\d+\]/g, "[]"), change[was], change[is]]))
        .sort();
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        expect(sides(fieldChanges(other, one), ["after", "before"])).toEqual(
          sides(fieldChanges(one, other), ["before", "after"]),
        );
      }),
      { numRuns: 100 },
    );
  });

  test("given any value and a random edit of one leaf, when compared, then exactly that edit is listed", () => {
    fc.assert(
      fc.property(anything, fc.nat(), (value, seed) => {
        const leaves = leavesOf(value);
        const leaf = leaves[seed % Math.max(1, leaves.length)];
        fc.pre(leaf !== undefined);
        const edited = structuredClone(value);
        leaf.edit(edited);
        expect(fieldChanges(value, edited)).toEqual([
          { path: expect.any(String), before: leaf.value, after: "edited" },
        ]);
        expect(fieldChanges(edited, value)).toEqual([
          { path: expect.any(String), before: "edited", after: leaf.value },
        ]);
      }),
    );
  });
});

interface Leaf {
  value: Json;
  edit: (root: Json) => void;
}

/** Every leaf below the root that is not what its item is matched by. */
function leavesOf(root: Json, path: (string | number)[] = []): Leaf[] {
  if (Array.isArray(root)) return root.flatMap((item, index) => leavesOf(item, [...path, index]));
  if (isObject(root)) {
    return Object.entries(root).flatMap(([key, item]) => (key === "name" ? [] : leavesOf(item, [...path, key])));
  }
  const last = path.at(-1);
  if (last === undefined) return [];
  const edit = (target: Json): void => {
    const parent = path.slice(0, -1).reduce<Json>((value, key) => (value as JsonObject)[key] ?? null, target);
    (parent as JsonObject)[last] = "edited";
  };
  return [{ value: root, edit }];
}
