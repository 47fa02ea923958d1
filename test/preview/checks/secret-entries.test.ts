import { expect, test } from "@jest/globals";
import { secretEntries } from "../../../preview/checks/secret-entries";
import { findingsOf, graph, object } from "../support";

const SYNC = object({
  apiVersion: "secret-sync.gke.io/v1",
  kind: "SecretSync",
  metadata: { name: "noetl-nats", namespace: "noetl" },
  spec: { secretObject: { data: [{ targetKey: "NATS_PASSWORD" }, { targetKey: "NOETL_NATS_URL" }] } },
});

function findings(...names: string[]) {
  const entries = names.map((name) => ({ name, path: "projects/project-a/secrets/s/versions/1" }));
  return findingsOf(secretEntries, graph(SYNC), { secretProvider: { kind: "gcp", projectNumber: 1, entries } });
}

test("given entries that the stack reads, or none, when checked, then nothing is found", () => {
  expect(findings("noetl-nats-url", "noetl-nats-password")).toEqual([]);
  expect(findings()).toEqual([]);
  expect(findingsOf(secretEntries, graph(SYNC))).toEqual([]);
});

test("given a name that nothing is read by, when checked, then that is an error with the names that there are", () => {
  expect(findings("noetl-nats-url", "noetl-nats-uri")).toEqual([
    {
      severity: "error",
      rule: "secret-entries",
      resource: "noetl:secretProvider.entries[1].name",
      message: 'the stack reads no value "noetl-nats-uri": the entry moves nothing',
      fix: "write one of: noetl-nats-password, noetl-nats-url",
    },
  ]);
});
