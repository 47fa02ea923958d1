import { describe, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { record } from "../../preview/recorder";

class Box extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:test:Box", name, {}, opts);
    this.registerOutputs();
  }
}

function run(program: () => void, stack = "test") {
  return record({
    project: "noetl",
    stack,
    program: () => {
      program();
      return {};
    },
  });
}

describe("a recording", () => {
  test("keeps each registration with the URN the engine would form", async () => {
    const { resources } = await run(() => {
      const outer = new Box("outer");
      const inner = new Box("inner", { parent: outer });
      new k8s.core.v1.ConfigMap("config", { metadata: { name: "config" } }, { parent: inner, protect: true });
    });
    expect(resources.map(({ urn, parent, custom, protect }) => ({ urn, parent, custom, protect }))).toEqual([
      { urn: "urn:pulumi:test::noetl::pulumi:pulumi:Stack::noetl-test", custom: false, protect: false },
      {
        urn: "urn:pulumi:test::noetl::noetl:test:Box::outer",
        parent: "urn:pulumi:test::noetl::pulumi:pulumi:Stack::noetl-test",
        custom: false,
        protect: false,
      },
      {
        urn: "urn:pulumi:test::noetl::noetl:test:Box$noetl:test:Box::inner",
        parent: "urn:pulumi:test::noetl::noetl:test:Box::outer",
        custom: false,
        protect: false,
      },
      {
        urn: "urn:pulumi:test::noetl::noetl:test:Box$noetl:test:Box$kubernetes:core/v1:ConfigMap::config",
        parent: "urn:pulumi:test::noetl::noetl:test:Box$noetl:test:Box::inner",
        custom: true,
        protect: true,
      },
    ]);
  });

  test("knows what a resource waits for: dependsOn, and inputs from other resources", async () => {
    const { resources } = await run(() => {
      const first = new k8s.core.v1.ConfigMap("first", { metadata: { name: "first" } });
      const second = new k8s.core.v1.ConfigMap("second", { metadata: { name: "second" } });
      new k8s.core.v1.ConfigMap(
        "last",
        { metadata: { name: "last" }, data: { of: first.metadata.name } },
        { dependsOn: second },
      );
    });
    expect(resources.at(-1)).toMatchObject({
      dependencies: [
        "urn:pulumi:test::noetl::kubernetes:core/v1:ConfigMap::first",
        "urn:pulumi:test::noetl::kubernetes:core/v1:ConfigMap::second",
      ],
      inputs: { data: { of: "first" } },
    });
  });

  test("computes with generated values and shows none of them", async () => {
    let length = 0;
    const graph = await run(() => {
      const password = new random.RandomPassword("password", { length: 20 }).result;
      password.apply((value) => (length = value.length));
      const data = { literal: "plain", computed: pulumi.interpolate`user:${password}` };
      new k8s.core.v1.ConfigMap("config", { metadata: { name: "config" }, data });
      new k8s.core.v1.Secret("secret", { metadata: { name: "secret" }, stringData: { plain: "canary" } });
    });
    expect(length).toBe(20);
    expect(graph.resources.slice(-2).map(({ inputs }) => inputs.data ?? inputs.stringData)).toEqual(
      expect.arrayContaining([{ literal: "plain", computed: "<secret>" }, { plain: "<secret>" }]),
    );
    expect(JSON.stringify(graph)).not.toMatch(/canary|xxxx/);
  });

  test("given the same program twice, is the same", async () => {
    const program = () => {
      for (const name of ["a", "b", "c"]) new Box(name);
    };
    expect(await run(program)).toEqual(await run(program));
  });

  test("given an error in the program, throws it, and the next recording is whole", async () => {
    await expect(
      run(() => {
        throw new Error("no such pool");
      }),
    ).rejects.toThrow("no such pool");
    await expect(run(() => new Box("box"))).resolves.toMatchObject({ resources: [{}, { name: "box" }] });
  });

  test("given an error inside apply, throws it and nothing else", () => {
    const program = join(__dirname, "programs", "failing-apply.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", program], { encoding: "utf8" });
    expect({ status, stdout, stderr }).toEqual({
      status: 0,
      stdout: 'thrown: error serializing property "metadata": bad name\n',
      stderr: "",
    });
  });

  test("given a look-up, refuses instead of inventing an answer", async () => {
    await expect(run(() => k8s.core.v1.ConfigMap.get("found", "default/found"))).rejects.toThrow(
      "an offline preview cannot read the existing kubernetes:core/v1:ConfigMap 'found'",
    );
    await expect(run(() => void pulumi.runtime.invoke("gcp:compute:zones", {}))).rejects.toThrow(
      "an offline preview cannot answer the call gcp:compute:zones",
    );
  });
});
