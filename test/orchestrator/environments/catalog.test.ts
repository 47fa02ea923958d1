import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { readCatalog } from "../../../orchestrator/environments/catalog";
import { checkFolder } from "../../../orchestrator/environments/check";
import { schemaVersion, sqlFile } from "../../../components/database/sql";
import { IMAGES } from "../../../stacks/versions";
import { messageOf } from "./asked";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-catalog-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

const NODE = `description = "One"
cluster_type = "cache"

[[nodes]]
name = "redis-01"
taskservs = ["redis"]
`;

test("templates of one's own come beside those that are shipped, or in their place", () => {
  write("templates/redis_one.toml", NODE);
  write("templates/etcd_cluster.toml", NODE);
  const { templates, taskservs } = readCatalog(folder);
  expect(templates.get("redis_one")).toMatchObject({ description: "One", nodes: [{ name: "redis-01" }] });
  expect(templates.get("etcd_cluster")).toMatchObject({ description: "One" });
  expect([...taskservs.keys()]).toEqual([
    ...[
      "containerd",
      "etcd",
      "kubernetes",
      "nats",
      "noetl_schema",
      "noetl_server",
      "noetl_worker",
      "postgres",
      "redis",
    ],
  ]);
});

test("the platform of a test environment has the images and the schema that stacks deploy", () => {
  const { taskservs } = readCatalog();
  expect(taskservs.get("noetl_server")?.image).toBe(IMAGES.noetlServer);
  expect(taskservs.get("noetl_worker")?.image).toBe(IMAGES.noetlWorker);
  const schema = taskservs.get("noetl_schema");
  expect(schema?.env.SCHEMA_SQL).toBe(sqlFile("schema.sql"));
  expect(schema?.tests[0]?.expect).toBe(schemaVersion(sqlFile("schema.sql")));
});

const READER = `description = "One"\nimage = "one"\n\n[env_files]\nTEXT = "../one.conf"\n`;

test("a variable holds what stands in a file beside the taskserv's", () => {
  write("taskservs/one.toml", READER);
  write("one.conf", "port: 1\n");
  expect(readCatalog(folder).taskservs.get("one")?.env).toEqual({ TEXT: "port: 1\n" });
});

test.each([
  ["is not there", undefined, /^taskservs\/one\.toml: env_files\.TEXT: cannot read \.\.\/one\.conf: ENOENT/],
  ["is too long", "x".repeat(100_001), /^.* \.\.\/one\.conf has 100001 characters, a variable 100000 at most$/],
])("a file of a variable that %s", (_title, text, message) => {
  write("taskservs/one.toml", READER);
  if (text !== undefined) write("one.conf", text);
  expect(messageOf(() => readCatalog(folder))).toMatch(message);
});

describe("what is wrong is told with its line", () => {
  test.each([
    ["a value that is none", `${NODE}role = \n`, "templates/x.toml:7:8: invalid value"],
    [
      "a key twice",
      `${NODE}name = "b"\n`,
      "templates/x.toml:7:1: trying to redefine an already defined table or value",
    ],
    ["a table that is not closed", `${NODE}[network\n`, "templates/x.toml:7:9: illegal character in key"],
    [
      "all that the schema refuses, in the order of lines",
      `${NODE}rol = "x"\n\n[nodes.resources]\nmemory_mb = "much"\ncpu_millicores = 5\n\n[network]\nsubnet = "here"\n`,
      [
        "templates/x.toml:7: nodes[0].rol: there is no such setting",
        "templates/x.toml:10: nodes[0].resources.memory_mb: Invalid input: expected number, received string",
        "templates/x.toml:11: nodes[0].resources.cpu_millicores: Too small: expected number to be >=10",
        "templates/x.toml:14: network.subnet: must be an IPv4 subnet, as 172.30.0.0/16",
      ].join("\n"),
    ],
    [
      "the second of two nodes, after a text of several lines",
      `${NODE}\n[nodes.env]\nA = """\nname = "no"\n"""\n\n[[nodes]]\nname = "Not a label"\ntaskservs = ["redis"]\n`,
      "templates/x.toml:14: nodes[1].name: must be 1 to 63 small letters, digits and -, as cp-01",
    ],
    [
      "what is missing, at the table where it belongs",
      `${NODE}\n[[nodes]]\nname = "b"\n`,
      "templates/x.toml:8: nodes[1].taskservs: Invalid input: expected array, received undefined",
    ],
    [
      "a circle",
      `${NODE}depends_on = ["b"]\n[[nodes]]\nname = "b"\ntaskservs = ["redis"]\ndepends_on = ["redis-01"]\n`,
      "templates/x.toml:7: nodes[0].depends_on: redis-01 → b → redis-01 goes round in a circle; take one of them out",
    ],
    [
      "a node twice",
      `${NODE}\n[[nodes]]\nname = "redis-01"\ntaskservs = ["redis"]\n`,
      "templates/x.toml:9: nodes[1].name: two nodes are called redis-01",
    ],
    [
      "a node of depends_on that there is not",
      `${NODE}depends_on = ["x"]\n`,
      "templates/x.toml:7: nodes[0].depends_on: there is no node x; there are redis-01",
    ],
    [
      "a test on a node that there is not",
      `${NODE}\n[[tests]]\nname = "t"\nnode = "x"\ncommand = ["true"]\n`,
      "templates/x.toml:10: tests[0].node: there is no node x; there are redis-01",
    ],
    [
      "a subnet that is too small",
      `${NODE}\n[network]\nsubnet = "10.1.2.4/31"\n`,
      "templates/x.toml:9: network.subnet: 10.1.2.4/31 has addresses for 0, there are 1 nodes; name a larger one",
    ],
    [
      "a subnet that begins in its middle",
      `${NODE}\n[network]\nsubnet = "10.1.2.3/24"\n`,
      "templates/x.toml:9: network.subnet: must begin with its first address, as 10.1.2.0/24",
    ],
  ])("%s", (_title, text, message) => {
    write("templates/x.toml", text);
    expect(messageOf(() => readCatalog(folder))).toBe(message);
  });
});

test.each([
  ["is not there", "nowhere", /^cannot read .*nowhere: ENOENT/],
  ["has neither", ".", /^.* has no folder taskservs and none templates: name the one that has them$/],
])("a folder of one's own that %s", (_title, name, message) => {
  expect(messageOf(() => readCatalog(join(folder, name)))).toMatch(message);
});

test("what people should know of the templates of a folder is told for each", () => {
  write("templates/one.toml", NODE.replaceAll("redis", "redsi"));
  expect(checkFolder(folder)).toEqual({
    templates: 8,
    taskservs: 9,
    notices: [
      "templates/one.toml: redsi-01: there is no taskserv redsi in the catalog: a bare docker.io/library/ubuntu:22.04 for your own scripts",
      "templates/one.toml: image docker.io/library/ubuntu:22.04 is not pinned by a digest: another day it may be another one",
    ],
  });
});
