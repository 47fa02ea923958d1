import { expect, jest, test } from "@jest/globals";
import fc from "fast-check";
import { fingerprintKey } from "../../../preview/fingerprints";
import { renderStack } from "../../../preview/render";
import { edited } from "./edits";
import { compare, expectNothing, expectSymmetric, expectWhole } from "./laws";

jest.setTimeout(240_000);

/** Each pair is two renders, which take a while. */
const PAIRS = 8;

/** Settings by their paths; where the value is undefined, the shipped stack file's stays. */
const settings = (values: Record<string, fc.Arbitrary<unknown>>) =>
  fc
    .record(
      Object.fromEntries(Object.entries(values).map(([path, value]) => [path, fc.option(value, { nil: undefined })])),
    )
    .map((set) => Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)));

const scaling = fc.record({
  kind: fc.constant("keda"),
  minReplicas: fc.integer({ min: 0, max: 2 }),
  maxReplicas: fc.integer({ min: 3, max: 9 }),
});
const pool = fc
  .tuple(fc.constantFrom("a", "b", "c", "d"), fc.integer({ min: 1, max: 4 }), fc.option(scaling, { nil: undefined }))
  .map(([name, number, chosen]) => ({
    name: `pool-${name}`,
    poolName: `pool-${name}`,
    consumer: `pool_${name}`,
    filterSubject: `noetl.commands.${name}.>`,
    maxConcurrent: number,
    ...(chosen ? { scaling: chosen } : { replicas: number }),
  }));

/** Random configurations of a kind stack, all of them valid. */
const configuration = settings({
  "noetl:server.rustLog": fc.constantFrom("info", "debug"),
  "noetl:server.port": fc.constantFrom(8083, 8084),
  "noetl:server.resources": fc.constantFrom({ limits: { memory: "1Gi" } }, { limits: { memory: "1024Mi" } }),
  "noetl:nats.replicas": fc.constantFrom(1, 3, 5),
  "noetl:nats.exporter": fc.boolean(),
  "noetl:nats.maxPayload": fc.constantFrom("1Mi", "2Mi"),
  "noetl:postgres.maxConnections": fc.integer({ min: 200, max: 400 }),
  "noetl:postgres.extraDatabases": fc.uniqueArray(fc.constantFrom("one", "two", "three"), { minLength: 1 }),
  "noetl:pgbouncer": fc.constant({}),
  "noetl:gateway.corsOrigins": fc.uniqueArray(fc.constantFrom("https://a.example", "https://b.example"), {
    minLength: 1,
  }),
  "noetl:networkPolicy": fc.constant({ mode: "off" }),
  "noetl:secrets.rotations": fc.record({ natsPassword: fc.integer({ min: 1, max: 2 }) }),
  "noetl:workerPools": fc.uniqueArray(pool, { selector: ({ name }) => name, minLength: 1 }),
});

test("given two random configurations, then a comparison is empty on itself, symmetric, and tells the whole difference", async () => {
  const key = fingerprintKey();
  let differing = 0;
  await fc.assert(
    fc.asyncProperty(configuration, configuration, async (before, after) => {
      const one = await renderStack(edited({ stack: "kind", set: before }), key);
      const other = await renderStack(edited({ stack: "kind", set: after }), key);

      expectNothing(one);
      expectSymmetric(one, other);
      expectWhole(one, other);
      differing += compare(one, other).resources.length > 0 ? 1 : 0;
    }),
    // A smaller counterexample would take a hundred renders.
    { numRuns: PAIRS, endOnFailure: true },
  );
  expect(differing).toBeGreaterThan(0);
});
