/** @type {import("jest").Config} */
module.exports = {
  testEnvironment: "node",
  roots: ["<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // The real consumers need tools that npm cannot give; `npm run test:real` runs them.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/real/"],
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } }, sourceMaps: "inline" }],
  },
  // Jest would leave a processor idle; on two that is half of them.
  maxWorkers: "100%",
  setupFiles: ["<rootDir>/test/support/empty-environment.ts"],
};
