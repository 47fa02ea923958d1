"use strict";
// What `pulumi preview --policy-pack policy-pack` runs: index.ts.
const { load } = require("../bundle.cjs");

// The pack talks to the engine by the one SDK that has started it.
const external = ["@pulumi/pulumi", "@pulumi/pulumi/*", "@pulumi/policy"];

module.exports = load({
  name: "policy-pack",
  entry: "policy-pack/index.ts",
  sources: ["components", "stacks", "preview", "policy-pack"],
  external,
});
