import { expect, test } from "@jest/globals";
import type { EditValue } from "../../../stacks/config/edit";
import { entryOf } from "../../../stacks/config/entry";
import { givenValue } from "../../../stacks/config/given-value";
import { parsePath } from "../../../stacks/config/parse-path";

const CONFIG = entryOf({ "noetl:postgres": { mode: "inCluster" } });

test.each<[string, string, EditValue]>([
  ["server.replicas", "3", 3],
  ["server.debug", "true", true],
  ["server.name", "3", "3"],
  ["server.flip", "on", "on"],
  ["postgres.storage", "5Gi", "5Gi"],
  ["postgres.maxConnections", "200", 200],
  ["server.pool", "{ max: 5 }", { max: 5 }],
  ["streams.also", "[events]", ["events"]],
  ["server.replicas", "{", "{"],
  ["server.replicas", "", ""],
  ["server.nobodyKnows", "7", 7],
])("%s = %j is %j", (path, text, value) => {
  expect(givenValue(text, parsePath(path), CONFIG)).toEqual(value);
});
