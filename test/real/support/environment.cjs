"use strict";
const { TestEnvironment } = require("jest-environment-node");

/** Node's, and a way to packages that exist as ES modules only, which Jest does not take (surrealdb.cjs). */
module.exports = class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.requireOutside = (file) => require(file);
  }
};
