import { describe, expect, test } from "@jest/globals";
import { type Recipe, recipeOf, TOOL_NAMES, type ToolName, TOOLS } from "../../tools/catalog";
import { planBuild, versionKey } from "../../tools/plan";
import { planCrate, type RustRecipe } from "../../tools/rust";

const RECIPE: Recipe = {
  module: "example.org/big",
  version: "v1.36.1",
  stagingVersion: "v0.36.1",
  packages: ["example.org/big/cmd/one", "example.org/big/cmd/two"],
  mains: { three: "package main\n" },
  variables: { "example.org/big/version.Version": "v1.36.1" },
};

const CRATE: RustRecipe = {
  crate: "big",
  version: "1.2.3",
  features: ["one", "two"],
  executable: "three",
  main: "fn main() {}\n",
  rustflags: "--cfg some",
};

describe("planBuild", () => {
  test("given a module with its own staging folders and forks, the wrapper repeats what holds outside of it", () => {
    const plan = planBuild(RECIPE, {
      Go: "1.26.0",
      Require: [
        { Path: "example.org/staged", Version: "v0.0.0" },
        { Path: "example.org/released", Version: "v3.1.0" },
      ],
      Replace: [
        { Old: { Path: "example.org/staged" }, New: { Path: "./staging/staged" } },
        { Old: { Path: "example.org/released" }, New: { Path: "../released" } },
        { Old: { Path: "example.org/forked" }, New: { Path: "example.org/fork", Version: "v0.9.0" } },
      ],
    });

    expect(plan).toStrictEqual({
      files: {
        "go.mod": [
          "module noetl.local/tools",
          "go 1.26.0",
          "require example.org/big v1.36.1",
          "replace example.org/staged => example.org/staged v0.36.1",
          "replace example.org/forked => example.org/fork v0.9.0",
          "",
        ].join("\n"),
        "three/main.go": "package main\n",
      },
      arguments: [
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-ldflags",
        "-s -w -X example.org/big/version.Version=v1.36.1",
        "-o",
        "bin/",
        "noetl.local/tools/three",
        "example.org/big/cmd/one",
        "example.org/big/cmd/two",
      ],
      environment: { CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOWORK: "off" },
    });
  });

  test("given a Rust crate, a crate that needs exactly that one", () => {
    const plan = planCrate(CRATE);

    expect(plan.files["src/main.rs"]).toBe("fn main() {}\n");
    expect(plan.files["Cargo.toml"]).toContain(
      '[dependencies]\nbig = { version = "=1.2.3", default-features = false, features = ["one", "two"] }\n',
    );
    expect(plan).toMatchObject({ arguments: ["build", "--release"], environment: { RUSTFLAGS: "--cfg some" } });
  });

  test("given a plain module, the wrapper only requires it", () => {
    const plan = planBuild({ module: "example.org/small", version: "v1.0.0", packages: ["example.org/small"] }, {});

    expect(plan.files).toStrictEqual({ "go.mod": "module noetl.local/tools\nrequire example.org/small v1.0.0\n" });
  });
});

describe("versionKey", () => {
  test("names the version and a hash", () => {
    expect(versionKey(RECIPE)).toMatch(/^v1\.36\.1-[0-9a-f]{12}$/);
    expect(versionKey({ ...RECIPE })).toBe(versionKey(RECIPE));
  });

  test.each<[string, Partial<Recipe>]>([
    ["the module", { module: "example.org/other" }],
    ["the staging version", { stagingVersion: "v0.36.2" }],
    ["the packages", { packages: [] }],
    ["the text of a main file", { mains: { three: "package main // changed\n" } }],
    ["a linked variable", { variables: {} }],
    ["the files", { files: ["a.yaml"] }],
  ])("changes with %s", (_, change) => {
    expect(versionKey({ ...RECIPE, ...change })).not.toBe(versionKey(RECIPE));
  });
});

describe("versionKey of a crate", () => {
  test.each<[string, Partial<RustRecipe>]>([
    ["the version", { version: "1.2.4" }],
    ["the features", { features: [] }],
    ["the main file", { main: "" }],
    ["the flags", { rustflags: "" }],
  ])("changes with %s", (_, change) => {
    expect(versionKey(CRATE)).toMatch(/^1\.2\.3-[0-9a-f]{12}$/);
    expect(versionKey({ ...CRATE, ...change })).not.toBe(versionKey(CRATE));
  });
});

describe("the catalog", () => {
  test("builds every tool under its name", () => {
    const built = (recipe: Recipe | RustRecipe): string[] =>
      "crate" in recipe ? [recipe.executable] : builtOf(recipe);
    const builtOf = (recipe: Recipe): string[] => [
      ...Object.keys(recipe.mains ?? {}),
      // As `go build` names executables: a major version at the end of the path is left out.
      ...(recipe.packages ?? []).map((path) => path.replace(/\/v\d+$/, "").replace(/.*\//, "")),
    ];

    const isBuilt = (name: ToolName): boolean =>
      built(recipeOf(TOOLS[name].recipe)).includes(TOOLS[name].executable ?? name);

    expect(TOOL_NAMES.filter((name) => !isBuilt(name))).toStrictEqual([]);
  });
});
