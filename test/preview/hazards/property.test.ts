import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { serverConf } from "../../../components/nats/server-conf";
import * as manifests from "../../../components/nats/manifests";
import { hazardsBetween, hazardsSince } from "../../../preview/hazards";
import type { Json } from "../../../preview/graph";
import { renderedFiles } from "../../../preview/manifests";
import { FACTS } from "../../components/nats/facts";
import { graph, object } from "../support";
import { nats, type NatsSettings } from "../nats/support";

const GIB = 2 ** 30;

/** Settings of one cluster as a stack may have them. */
const settings = fc.record({
  replicas: fc.constantFrom(1, 3, 5),
  file: fc.integer({ min: 1, max: 6 }),
  memory: fc.integer({ min: 1, max: 3 }),
  storage: fc.integer({ min: 7, max: 9 }),
  domain: fc.constantFrom(undefined, "d1", "d2"),
  jetstream: fc.boolean(),
});
type Settings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

function nodes({ replicas, file, memory, storage, domain, jetstream }: Settings) {
  const shown: NatsSettings = {
    replicas,
    file: `${file * GIB}`,
    memory: `${memory}GB`,
    storage: `${storage}Gi`,
    jetstream,
  };
  return nats({ ...shown, ...(domain !== undefined && { domain }) });
}

/** The table, said once more without looking at a manifest. */
function expected(before: Settings, after: Settings): string[] {
  const rules = (...list: [boolean, string][]): string[] => list.filter(([holds]) => holds).map(([, rule]) => rule);
  const shrinks = rules([after.storage < before.storage, "volume-shrunk"]);
  if (!before.jetstream) return shrinks;
  if (!after.jetstream) return ["nats-jetstream-removed", ...shrinks];
  const [old, now] = [before.replicas, after.replicas];
  return [
    ...rules(
      [old === 1 && now > 1, "nats-standalone-to-cluster"],
      [old > 1 && now === 1, "nats-cluster-to-standalone"],
      [old > 1 && now > 1 && now < old, "nats-servers-removed"],
      [after.file < before.file, "nats-store-lowered"],
      [after.memory < before.memory, "nats-store-lowered"],
      [before.domain !== undefined && before.domain !== after.domain, "nats-domain-removed"],
    ),
    ...shrinks,
  ];
}

describe("changes of NATS settings", () => {
  test("given any two, when compared, then exactly what the table says is told", () => {
    fc.assert(
      fc.property(settings, settings, (before, after) => {
        const found = hazardsBetween(graph(...nodes(before)), graph(...nodes(after))).map(({ rule }) => rule);
        expect(found).toEqual(expected(before, after));
      }),
      { numRuns: 300 },
    );
  });

  test("given the same twice, read back from its files, when compared, then nothing is told", async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (same) => {
        const files = renderedFiles(graph(...nodes(same)));
        expect(await hazardsSince(files, graph(...nodes(same)))).toEqual([]);
        // Comments make no difference, but make every file be parsed.
        const commented = new Map([...files].map(([path, text]) => [path, `${text}# the end\n`]));
        expect(await hazardsSince(commented, graph(...nodes(same)))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test("given what the component renders, when its store becomes smaller, then it is told, read back from files", async () => {
    const shown = (file: string) => {
      const facts = { ...FACTS, jetstream: { ...FACTS.jetstream, file } };
      const set = JSON.parse(JSON.stringify(manifests.statefulSet(facts, ""))) as Record<string, Json>;
      return graph(
        object({
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "nats-config", namespace: "nats" },
          data: { "nats.conf": serverConf(facts) },
        }),
        object({ apiVersion: "apps/v1", kind: "StatefulSet", ...set, metadata: { name: "nats", namespace: "nats" } }),
      );
    };
    expect(await hazardsSince(renderedFiles(shown("5Gi")), shown("4Gi"))).toMatchObject([
      { rule: "nats-store-lowered", message: expect.stringMatching(/^max_file_store goes from 5Gi to 4Gi: /) },
    ]);
  });

  test("given a file of the former render that nobody can read, when compared, then it is an error", async () => {
    const files = new Map([
      ["nats/statefulset-nats.yaml", "# urn:pulumi:kind::noetl::kubernetes:apps/v1:StatefulSet::nats\n<<<<<<< ours\n"],
    ]);
    expect(await hazardsSince(files, graph())).toEqual([
      {
        severity: "error",
        rule: "unreadable-render",
        resource: "nats/statefulset-nats.yaml",
        message: expect.stringMatching(
          /^the rendered file cannot be read \(.+\), so nobody can tell what a change of it destroys$/,
        ),
        fix: "bring the file back as it was committed, for example with git checkout",
      },
    ]);
  });
});
