import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import Ajv from "ajv";
import { parse } from "yaml";
import { EXAMPLES } from "../../../stacks/config/examples";
import { DOCS_FILE, SCHEMA_FILE } from "../../../stacks/config/generated-files";
import { stackFileJsonSchema } from "../../../stacks/config/json-schema";
import { platformNode } from "../../../stacks/config/schema-node";
import { configOf, problemsOf, stackText } from "./support";

const ROOT = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
ajv.addVocabulary(["patternErrorMessage"]);
const validate = ajv.compile(stackFileJsonSchema());
const isValid = (text: string) => validate(parse(text, { merge: true }));

describe("generated files", () => {
  test.each([SCHEMA_FILE, DOCS_FILE])(
    "given $path, when made anew, then it is what is committed; else run: noetl-ops $command",
    (file) => {
      expect(read(file.path)).toBe(file.content());
    },
  );
});

describe("schema for editors", () => {
  test.each(["kind", "gke", "gke-base"].filter((stack) => existsSync(join(ROOT, `Pulumi.${stack}.yaml`))))(
    "given the shipped stack %s, when validated, then it is valid, and names the schema on its first line",
    (stack) => {
      const text = read(`Pulumi.${stack}.yaml`);
      expect([isValid(text), validate.errors]).toEqual([true, null]);
      expect(text).toMatch(/^# yaml-language-server: \$schema=stacks\/config\.schema\.json\n/);
    },
  );

  test.each<[string, string]>([
    ["an unknown section", stackText("noetl:redis: {}")],
    ["an unknown setting", stackText("noetl:nats: { storge: 5Gi }")],
    [
      "another mode's setting",
      stackText("", { postgres: "noetl:postgres: { mode: inCluster, transactionPooling: true }" }),
    ],
    ["no mode", stackText("", { postgres: "noetl:postgres: {}" })],
    ["a missing setting", stackText("", { cluster: "noetl:cluster: {}" })],
    ["a missing section", "config: { noetl:profile: kind }"],
    ["a wrong unit", stackText("noetl:nats: { storage: 5 Gib }")],
    ["a number for a size", stackText("noetl:nats: { storage: 5 }")],
    ["a number out of range", stackText("noetl:server: { port: 70000 }")],
    ["text for a number", stackText('noetl:server: { port: "80" }')],
    ["a broken choice", stackText("", { profile: "noetl:profile: aks" })],
    ["a plain secret", stackText("noetl:secrets: { natsPassword: hunter2 }")],
    ["a secret where none belongs", stackText("noetl:nats: { storage: { secure: x } }")],
    ["nothing for a section", stackText("noetl:nats:")],
    [
      "too many entries",
      stackText("", { postgres: `noetl:postgres: { mode: inCluster, extraDatabases: [${"a, ".repeat(60)}] }` }),
    ],
    ["an unknown key at the top", `${stackText("")}foo: 1\n`],
  ])("given %s, when validated, then it is refused, as by the loader", (_, text) => {
    expect(problemsOf(text)).not.toEqual([]);
    expect(isValid(text)).toBe(false);
  });

  test("given an encrypted secret and Pulumi's own keys, when validated, then they are fine, as for the loader", () => {
    const text = `${stackText("noetl:secrets: { natsPassword: { secure: v1:x } }\npulumi:tags: { a: b }")}encryptionsalt: v1:x\n`;
    expect(problemsOf(text)).toEqual([]);
    expect(isValid(text)).toBe(true);
  });
});

describe("reference of all settings", () => {
  test("given its examples, when put together, then they are a valid stack file", () => {
    const text = `config:\n${Object.values(EXAMPLES)
      .join("")
      .replaceAll(/^(?=.)/gm, "  ")}`;
    expect(configOf(text).workerPools).toHaveLength(1);
    expect(isValid(text)).toBe(true);
  });

  test("given the schema, when described, then every leaf has a row", () => {
    const text = read(DOCS_FILE.path);
    const paths = leavesOf("noetl", platformNode());
    expect(paths.length).toBeGreaterThan(80);
    expect(paths.filter((path) => !text.includes(`| \`${path}\` |`))).toEqual([]);
  });

  function leavesOf(path: string, node: ReturnType<typeof platformNode>): string[] {
    const separator = path === "noetl" ? ":" : ".";
    const children = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
      leavesOf(`${path}${separator}${name}`, child),
    );
    const branches = (node.oneOf ?? []).flatMap((branch) => leavesOf(path, branch));
    const items = node.items?.properties ? leavesOf(`${path}[]`, node.items) : [];
    const below = [...children, ...branches, ...items];
    return below.length === 0 ? [path] : [...new Set(below)];
  }
});

describe("Pulumi.yaml", () => {
  interface Declared {
    type: string;
    description?: string;
    default?: unknown;
  }
  const project = parse(read("Pulumi.yaml")) as { name: string; config: Record<string, Declared> };
  const { properties = {}, required = [] } = platformNode();
  // Pulumi gives every declared key a value, and what these keys are for is off only without one.
  const minimal: Record<string, unknown> = configOf(stackText(""));
  const declared = Object.entries(properties).filter(([key]) => minimal[key] !== undefined);

  test("given the schema's keys, when compared, then those that always have a value are declared, in the same order", () => {
    expect(Object.keys(project.config)).toEqual(declared.map(([key]) => key));
  });

  // Pulumi demands a value for every declared key without a default.
  test.each(declared)("given %s, when declared, then type and necessity are the schema's", (key, node) => {
    const { type, description, default: fallback } = project.config[key] ?? { type: "" };
    expect(type).toBe(node.oneOf ? "object" : node.type);
    expect(description).toMatch(/\.$/);
    expect(fallback === undefined).toBe(required.includes(key));
    if (fallback !== undefined) expect(fallback).toEqual(node.default);
  });
});
