"use strict";
// Runs one operation of Pulumi's engine for its parent, and sends what happens. A process of its own for each: what one
// leaves in memory ends with it, and a kill of the service cannot leave an engine that nobody knows.
const path = require("node:path");
const { load } = require(path.join(process.argv[2], "bundle.cjs"));

load({
  name: "pulumi-task",
  entry: "orchestrator/engine/pulumi-task.ts",
  sources: ["components", "stacks", "preview", "operations", "orchestrator"],
}).serve();
