import { describe, expect, test } from "@jest/globals";
import { effective, type Effective } from "../../../operations/settings/effective";
import { parsePath } from "../../../stacks/config/parse-path";
import { parseStackFile } from "../../../stacks/config/stack-file";

const FILE = "Pulumi.kind.yaml";
const TEXT = `config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres:
    mode: inCluster
  noetl:secrets:
    natsPassword:
      secure: v1:canary-cipher-text
  server:
    replicas: 2
  noetl:workerPools:
    - name: one
      poolName: pool-one
      segment: shared
`;
const { config } = parseStackFile(TEXT, FILE);

function get(path: string): Effective {
  return effective(config, TEXT, FILE, parsePath(path));
}

describe("a setting as the program takes it", () => {
  test.each<[string, Effective]>([
    ["postgres.mode", { path: "noetl:postgres.mode", value: "inCluster", origin: "file", line: 5 }],
    ["server.replicas", { path: "noetl:server.replicas", value: 2, origin: "file", line: 10 }],
    ["server.flip", { path: "noetl:server.flip", value: "off", origin: "default" }],
    ["workerPools[0].name", { path: "noetl:workerPools[0].name", value: "one", origin: "file", line: 12 }],
    ["server.publicUrl", { path: "noetl:server.publicUrl", value: undefined, origin: "unset" }],
    ["secrets.natsPassword", { path: "noetl:secrets.natsPassword", value: "<secret>", origin: "file", line: 7 }],
  ])("%s", (path, setting) => {
    expect(get(path)).toEqual(setting);
  });

  test("all of them are there without a path, and no secret is", () => {
    const all = effective(config, TEXT, FILE, []);
    expect(Object.keys(all.value as object)).toEqual(expect.arrayContaining(["profile", "server", "nats"]));
    expect(JSON.stringify(all)).not.toContain("canary");
  });

  test.each([
    ["server.replica", /^noetl:server\.replica: there is no such setting\nallowed: name, .*\ndid you mean: replicas$/],
    ["sever", /^noetl:sever: there is no such setting\nallowed: .*\ndid you mean: server$/],
    ["workerPools[1]", /^noetl:workerPools\[1\]: there is no such setting\nthe list has 1 items, the first is \[0\]$/],
    ["server.replicas.x", /^noetl:server\.replicas\.x: there is no such setting\nit has no settings below it$/],
    ["postgres.host", /^noetl:postgres\.host: there is no such setting\nallowed: mode, /],
  ])("%s is none, and the message says what is", (path, message) => {
    expect(() => get(path)).toThrow(message);
  });
});
