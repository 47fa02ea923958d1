import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const CONFIG = `
import tseslint from "typescript-eslint";
export default [{
  files: ["**/*.ts"],
  plugins: { "@typescript-eslint": tseslint.plugin },
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: { "@typescript-eslint/await-thenable": "error" },
}];
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "noetl-lint-"));
  execFileSync("git", ["init", "--quiet"], { cwd: folder });
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  mkdirSync(join(folder, "store"));
  write("eslint.config.mjs", CONFIG);
  write("tsconfig.json", '{ "compilerOptions": { "strict": true }, "include": ["**/*.ts"] }');
  write(".gitignore", "node_modules\nlinted.json\n");
  write("store/index.ts", 'export { write } from "./write";\n');
  write(
    "use.ts",
    'import { write } from "./store";\nexport const use = async (): Promise<void> => {\n  await write();\n};\n',
  );
  // Git writes this name in quotes, unless it is asked not to.
  write("größe.ts", "export var other = 1;\n");
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function lint(): { status: number | null; stdout: string } {
  const { status, stdout } = spawnSync(process.execPath, [resolve("tools/lint.cjs"), "linted.json"], {
    cwd: folder,
    encoding: "utf8",
  });
  return { status, stdout };
}

test("given a file that stays as it is, it is linted again when something has changed that it imports in two steps", () => {
  write("store/write.ts", "export const write = (): Promise<void> => Promise.resolve();\n");
  expect(lint()).toStrictEqual({ status: 0, stdout: "" });

  write("store/write.ts", "export const write = (): void => undefined;\n");
  const { status, stdout } = lint();

  expect(status).toBe(1);
  expect(stdout).toMatch(/use\.ts\n +3:3 +error +Unexpected `await`.*\n\n✖ 1 problem/);
  // What was not found well is looked at until it is.
  expect(lint().status).toBe(1);
});

test("given a rule that is new, all files are linted again", () => {
  write("store/write.ts", "export const write = (): Promise<void> => Promise.resolve();\n");
  expect(lint().status).toBe(0);

  write("eslint.config.mjs", CONFIG.replace("rules: {", 'rules: { "no-var": "error",'));

  expect(lint().stdout).toMatch(/größe\.ts\n +1:8 +error +Unexpected var, use let or const instead/);
});
