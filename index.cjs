"use strict";
// What `pulumi up` runs: index.ts.
const { load } = require("./bundle.cjs");

// The engine talks to the one SDK that has started the program.
const external = ["@pulumi/pulumi", "@pulumi/pulumi/*"];

module.exports = load({ name: "program", entry: "index.ts", sources: ["components", "stacks"], external });
