import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { readCatalog } from "../../orchestrator/environments/catalog";
import renovate from "../../renovate.json";
import { CHARTS, IMAGES } from "../../stacks/versions";
import { RECIPES } from "../../tools/catalog";
import { RUST_RECIPES } from "../../tools/rust";
import { ROOT } from "../cli/support";

/** What the custom manager of a data source reads from its file: name and version. */
function found(datasource: string): string[] {
  const manager = renovate.customManagers.find(({ datasourceTemplate }) => datasourceTemplate === datasource);
  const [pattern = "", match = ""] = [manager?.managerFilePatterns[0], manager?.matchStrings[0]];
  const file = ["stacks/versions.ts", "tools/catalog.ts", "tools/rust.ts"].find((path) =>
    new RegExp(pattern.slice(1, -1)).test(path),
  );
  const text = readFileSync(join(ROOT, file ?? ""), "utf8");
  return [...text.matchAll(new RegExp(match, "g"))].map(({ groups }) => `${groups?.depName}:${groups?.currentValue}`);
}

describe("renovate.json", () => {
  test("finds every image that is deployed", () => {
    expect(found("docker").sort()).toEqual(Object.values(IMAGES).sort());
  });

  test("finds every image of the test environments, by its digest", () => {
    const manager = renovate.customManagers.find(({ description }) => description === "Images of test environments");
    const [pattern = "", match = ""] = [manager?.managerFilePatterns[0], manager?.matchStrings[0]];
    const files = readdirSync(join(ROOT, "orchestrator", "environments"), { recursive: true, encoding: "utf8" })
      .map((file) => `orchestrator/environments/${file}`)
      .filter((file) => new RegExp(pattern.slice(1, -1)).test(file));
    const text = files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\n");
    const images = [...text.matchAll(new RegExp(match, "g"))].map(({ groups }) => {
      return `${groups?.depName}:${groups?.currentValue}@${groups?.currentDigest}`;
    });

    const { taskservs } = readCatalog();
    expect(images.sort()).toEqual([...taskservs.values()].map(({ image }) => image).sort());
  });

  test("finds every chart", () => {
    expect(found("helm")).toEqual(Object.values(CHARTS).map(({ chart, version }) => `${chart}:${version}`));
  });

  test("finds every tool whose version stands beside its name", () => {
    const named = Object.values(RECIPES).map(({ module, version }) => `${module}:${version}`);
    const missing = named.filter((one) => !found("go").includes(one));
    // Their versions are constants, since more than one place needs them.
    expect(missing.map((one) => one.split(":", 1)[0])).toEqual(["k8s.io/kubernetes", "github.com/kedacore/keda/v2"]);
  });

  test("finds every tool that is built of a Rust crate", () => {
    expect(found("crate")).toEqual(Object.values(RUST_RECIPES).map(({ crate, version }) => `${crate}:${version}`));
  });
});
