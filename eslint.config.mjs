import { readFileSync } from "node:fs";
import js from "@eslint/js";
import tseslint from "typescript-eslint";

const rooms = JSON.parse(readFileSync(new URL("rooms.json", import.meta.url), "utf8"));

/** Which rooms a room may import; everything not listed is forbidden. docs/architecture.md draws the same. */
const MAY_IMPORT = Object.fromEntries(Object.entries(rooms).map(([room, { imports }]) => [room, imports]));

const roomRules = Object.entries(MAY_IMPORT).map(([room, allowed]) => ({
  files: [`${room}/**/*.ts`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [...Object.keys(MAY_IMPORT), "test", "bench"]
          .filter((other) => other !== room && !allowed.includes(other))
          .map((other) => ({
            // A folder of an allowed room may have the name of another room.
            group: [`../${other}/*`, `../**/${other}/**`, ...allowed.map((room) => `!../**/${room}/${other}/**`)],
            message: `${room}/ may import only: ${allowed.join(", ") || "nothing outside itself"}.`,
          })),
      },
    ],
  },
}));

export default tseslint.config(
  { ignores: ["node_modules/", "coverage/", "rendered/", "agents/*/dist/", "library/dist/"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // Catches an Output inside a template literal, which would print "Calling [toString] on an [Output<T>]".
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-imports": "error",
      // `import x = require()`: the SDK's own modules are CommonJS, and their functions can only be replaced there.
      "@typescript-eslint/no-require-imports": ["error", { allowAsImport: true }],
      "no-restricted-properties": [
        "error",
        {
          object: "process",
          property: "env",
          message: "Read the environment in cli/environment.ts only, or in that of an agent.",
        },
      ],
    },
  },
  ...roomRules,
  {
    files: ["cli/environment.ts", "agents/*/environment.ts", "test/**/*.ts", "tools/**/*.ts", "bench/**/*.ts"],
    rules: { "no-restricted-properties": "off" },
  },
  // A Pulumi resource is made for its effect.
  { files: ["components/**/*.ts", "stacks/**/*.ts", "library/**/*.ts", "test/**/*.ts"], rules: { "no-new": "off" } },
  {
    // What a browser runs.
    files: ["preview/*/browser/*.js", "orchestrator/dashboard/browser/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          ["AbortController", "AbortSignal", "DOMException", "FormData", "HTMLInputElement", "HTMLSelectElement"],
          ["ResizeObserver", "Response", "TextDecoder", "URLSearchParams", "addEventListener", "clearTimeout"],
          ["document", "fetch", "getComputedStyle", "history", "location", "requestAnimationFrame", "sessionStorage"],
          ["setInterval", "setTimeout"],
        ].flatMap((names) => names.map((name) => [name, "readonly"])),
      ),
    },
  },
  {
    files: ["**/*.cjs", "**/*.mjs"],
    languageOptions: {
      globals: {
        URL: "readonly",
        require: "readonly",
        module: "writable",
        process: "readonly",
        console: "readonly",
        __dirname: "readonly",
        __filename: "readonly",
        Buffer: "readonly",
      },
    },
  },
);
