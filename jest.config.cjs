/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "<rootDir>/test/support/environment.cjs",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // The real consumers need tools that npm cannot give; `npm run test:real` runs them.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/real/"],
  transform: {
    // Jest's own parts are loaded before there is an environment.
    "/node_modules/(?!jest-|@jest/|@swc/).+\\.c?js$": "<rootDir>/test/support/package.cjs",
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, sourceMaps: "inline" }],
  },
  transformIgnorePatterns: [],
  injectGlobals: false,
  // Jest would leave a processor idle; on two that is half of them.
  maxWorkers: "100%",
  setupFiles: ["<rootDir>/test/support/empty-environment.ts"],
  // Only ends a test that hangs: a busy machine takes a multiple of the usual time.
  testTimeout: 5 * 60 * 1000,
};
