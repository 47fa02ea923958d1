import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import published from "../../library/package.json";
import schema from "../../library/schema.json";
import project from "../../package.json";

const ROOT = join(__dirname, "..", "..");
const PACKED = ["components", "stacks", "library"];

/** Packages that the packed rooms import, by the names of package.json. */
function imported(): string[] {
  const files = PACKED.flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !/^(dist|schema)\//.test(name))
      .map((name) => join(ROOT, room, name)),
  );
  const names = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^(?:import|export|\}) .*?(?:from |require\()"([^."][^"\n]*)"/gm)].flatMap(
      ([, name]) => name ?? [],
    ),
  );
  const packages = names
    .filter((name) => !name.startsWith("node:"))
    .map((name) =>
      name
        .split("/")
        .slice(0, name.startsWith("@") ? 2 : 1)
        .join("/"),
    );
  return [...new Set(packages)].sort();
}

/** Those that the imported ones need beside them. */
const BESIDE: Readonly<Record<string, string>> = {
  "@lezer/highlight": "@prometheus-io/lezer-promql",
  "@lezer/lr": "@prometheus-io/lezer-promql",
  "reflect-metadata": "@peculiar/x509",
};

describe("the manifest of the published package", () => {
  test("names the packages that the packed rooms import, and those that these need beside them", () => {
    const declared = [...Object.keys(published.dependencies), ...Object.keys(published.peerDependencies)];

    expect(declared.sort()).toEqual([...imported(), ...Object.keys(BESIDE)].sort());
  });

  test("has the versions that this project is tested with", () => {
    const tested: Record<string, string> = project.dependencies;

    for (const [name, version] of Object.entries(published.dependencies))
      expect([name, tested[name]]).toEqual([name, version]);
    for (const [name, range] of Object.entries(published.peerDependencies))
      expect([name, `^${tested[name] ?? ""}`]).toEqual([name, range]);
  });

  test("has the version, engines and licence of the project", () => {
    const { version, engines, license } = project;

    expect({ version: published.version, engines: published.engines, license: published.license }).toEqual({
      version,
      engines,
      license,
    });
    expect(schema.version).toBe(version);
  });
});

describe("the schema for other languages", () => {
  test("describes every component, argument and field", () => {
    const undescribed = Object.entries(schema.resources).flatMap(
      ([name, { description, inputProperties, properties }]) => {
        const fields = { ...inputProperties, ...properties } as Record<string, { description?: string }>;
        return [
          ...(description === "" ? [name] : []),
          ...Object.keys(fields)
            .filter((key) => !fields[key]?.description)
            .map((key) => `${name}.${key}`),
        ];
      },
    );

    expect(undescribed).toEqual([]);
  });

  test("has the components of library/languages", () => {
    expect(Object.keys(schema.resources)).toEqual([
      "noetl:index:Platform",
      "noetl:index:NatsCluster",
      "noetl:index:WorkerPool",
    ]);
  });
});
