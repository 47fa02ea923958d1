"use strict";
const { join } = require("node:path");
module.exports = globalThis.requireOutside(
  join(__dirname, "../../../node_modules/@surrealdb/node/dist/surrealdb-node.mjs"),
);
