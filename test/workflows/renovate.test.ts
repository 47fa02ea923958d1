import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readCatalog } from "../../orchestrator/environments/catalog";
import renovate from "../../renovate.json";
import { CHARTS, IMAGES } from "../../stacks/versions";
import { CRD_PROJECTS, RECIPES } from "../../tools/catalog";
import { RUST_RECIPES } from "../../tools/rust";
import { ROOT } from "../cli/support";

/** What the custom manager of a data source reads from its file: name and version. */
function found(datasource: string): string[] {
  const manager = renovate.customManagers.find(({ datasourceTemplate }) => datasourceTemplate === datasource);
  const pattern = manager?.managerFilePatterns[0] ?? "";
  const file = ["stacks/versions.ts", "tools/catalog.ts", "tools/rust.ts"].find((path) =>
    new RegExp(pattern.slice(1, -1)).test(path),
  );
  const text = readFileSync(join(ROOT, file ?? ""), "utf8");
  const matches = (manager?.matchStrings ?? []).flatMap((match) => [...text.matchAll(new RegExp(match, "g"))]);
  return matches.map(({ groups }) => `${groups?.depName}:${groups?.currentValue}`);
}

describe("renovate.json", () => {
  test("finds every image that is deployed", () => {
    expect(found("docker").sort()).toEqual(Object.values(IMAGES).sort());
  });

  test("finds every image of the test environments, by its digest where it has one", () => {
    const manager = renovate.customManagers.find(({ description }) => description === "Images of test environments");
    const [pattern = "", match = ""] = [manager?.managerFilePatterns[0], manager?.matchStrings[0]];
    const files = readdirSync(join(ROOT, "orchestrator", "environments"), { recursive: true, encoding: "utf8" })
      .map((file) => `orchestrator/environments/${file}`)
      .filter((file) => new RegExp(pattern.slice(1, -1)).test(file));
    const text = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
    const images = [...text.matchAll(new RegExp(match, "g"))].map(({ groups }) => {
      const tag = `${groups?.depName}:${groups?.currentValue}`;
      return groups?.currentDigest === undefined ? tag : `${tag}@${groups.currentDigest}`;
    });

    const { taskservs } = readCatalog();
    expect(images.sort()).toEqual([...taskservs.values()].map(({ image }) => image).sort());
  });

  test("finds every chart", () => {
    expect(found("helm")).toEqual(Object.values(CHARTS).map(({ chart, version }) => `${chart}:${version}`));
  });

  test("finds every tool, and every project whose custom resources are read", () => {
    const modules = CRD_PROJECTS.flatMap(({ module }) =>
      module ? [{ module: module.path, version: module.version }] : [],
    );
    const named = [...Object.values(RECIPES), ...modules].map(({ module, version }) => `${module}:${version}`);
    expect(new Set(found("go"))).toEqual(new Set(named));
  });

  test("finds every tool that is built of a Rust crate", () => {
    expect(found("crate")).toEqual(Object.values(RUST_RECIPES).map(({ crate, version }) => `${crate}:${version}`));
  });
});
