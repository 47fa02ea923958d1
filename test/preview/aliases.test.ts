import { describe, expect, test } from "@jest/globals";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ResourceGraph } from "../../preview/graph";
import { impactBetween } from "../../preview/impact";
import { record } from "../../preview/recorder";

class Box extends pulumi.ComponentResource {
  constructor(type: string, name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`noetl:test:${type}`, name, {}, opts);
    this.registerOutputs();
  }
}

const run = (program: () => void): Promise<ResourceGraph> =>
  record({
    project: "noetl",
    stack: "test",
    program: () => {
      program();
      return {};
    },
  });

const config = (name: string, value: string, opts: pulumi.CustomResourceOptions): unknown =>
  new k8s.core.v1.ConfigMap(
    name,
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "config", namespace: "noetl" }, data: { value } },
    opts,
  );

const before = (): Promise<ResourceGraph> =>
  run(() => {
    config("old-config", "1", { parent: new Box("Old", "old") });
  });

const after = (value: string, aliases: pulumi.Alias[]): Promise<ResourceGraph> =>
  run(() => {
    config("new-config", value, { parent: new Box("New", "new", { aliases }) });
  });

/** Recordings run one at a time. */
async function told(graph: () => Promise<ResourceGraph>): Promise<unknown[]> {
  const { resources } = impactBetween(await before(), await graph(), { stack: "test", before: "a", after: "b" });
  return resources.map(({ change, name, effects, fields }) => [
    change,
    name,
    effects.map(({ impact, rule, reason }) => [impact, rule, reason]),
    fields.map(({ path }) => path),
  ]);
}

describe("a resource whose parent got another type and name", () => {
  const aliases = [{ type: "noetl:test:Old", name: "old" }];
  const MOVED = [
    "update",
    "pulumi-alias",
    "moved in the program only: Pulumi knows it by its alias, and Kubernetes notices nothing of it",
  ];

  test("given an alias of the parent, then it is known by all URNs that the engine forms of it", async () => {
    const { resources } = await after("1", aliases);

    expect(
      resources.slice(1).map(({ urn, aliases: former }) => [urn.split("::")[2], urn.split("::")[3], former]),
    ).toEqual([
      ["noetl:test:New", "new", ["urn:pulumi:test::noetl::noetl:test:Old::old"]],
      [
        "noetl:test:New$kubernetes:core/v1:ConfigMap",
        "new-config",
        ["urn:pulumi:test::noetl::noetl:test:Old$kubernetes:core/v1:ConfigMap::old-config"],
      ],
    ]);
  });

  test("given the alias, when compared, then it has moved, and nothing happens in Kubernetes", async () => {
    expect(await told(() => after("1", aliases))).toEqual([["changed", "config", [MOVED], []]]);
  });

  test("given the alias and another content, when compared, then the content is told, too", async () => {
    const [[change, name, effects, fields] = []] = (await told(() => after("2", aliases))) as unknown[][];
    expect([change, name, fields]).toEqual(["changed", "config", ["data.value"]]);
    expect(effects).toContainEqual(MOVED);
  });

  test("given none, when compared, then Pulumi cannot make what is there already", async () => {
    expect(await told(() => after("1", []))).toEqual([
      ["changed", "config", [["refused", "pulumi-moved", expect.stringMatching(/declare an alias$/)]], []],
    ]);
  });

  test("given a resource that says itself where it was, then it is known", async () => {
    const graph = () =>
      run(() => {
        config("new-config", "1", {
          parent: new Box("New", "new"),
          aliases: [{ name: "old-config", parent: "urn:pulumi:test::noetl::noetl:test:Old::old" }],
        });
      });
    expect(await told(graph)).toEqual([["changed", "config", [MOVED], []]]);
  });
});
