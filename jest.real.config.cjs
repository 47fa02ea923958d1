const unit = require("./jest.config.cjs");

/** The suites that run the real consumers of what we render: API server, Pulumi engine, nats-server and others. */
/** @type {import("jest").Config} */
module.exports = {
  ...unit,
  // The few suites gain nothing from a realm that they would share.
  testEnvironment: "<rootDir>/test/real/support/environment.cjs",
  // The only package in reach of these suites that has no CommonJS.
  transform: { "^.+\\.ts$|/node_modules/jose/": unit.transform["^.+\\.ts$"] },
  transformIgnorePatterns: ["/node_modules/(?!jose/)"],
  moduleNameMapper: { "@surrealdb/node/dist/surrealdb-node.mjs$": "<rootDir>/test/real/support/surrealdb-node.cjs" },
  roots: ["<rootDir>/test/real"],
  testPathIgnorePatterns: ["/node_modules/"],
  globalSetup: "<rootDir>/test/real/support/global-setup.ts",
  setupFilesAfterEnv: ["<rootDir>/test/real/support/second-attempt.ts"],
  // A suite may boot a control plane of its own: what one waits for gives the processor to the other, a third would starve.
  maxWorkers: 2,
  // Conditions are waited for; this only ends a suite that hangs.
  testTimeout: 10 * 60 * 1000,
};
