import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Environment } from "../../../tools/cache";

/** A temporary folder with a cache and a PATH of its own. */
export interface Sandbox {
  folder: string;
  /** PATH and cache lie in the folder; the PATH also has the system's shell tools, but no Go. */
  env: Environment & { PATH: string; XDG_CACHE_HOME: string };
  /** Puts a shell script on PATH. @returns its path */
  command(name: string, script: string): string;
  remove(): void;
}

export function sandbox(): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), "noetl-tools-"));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  return {
    folder,
    env: { PATH: bin, HOME: folder, XDG_CACHE_HOME: join(folder, "cache") },
    command: (name, script) => {
      const file = join(bin, name);
      // The shell's own folders are added in the script, so that a Go toolchain there is not found by the tests.
      writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${script}\n`);
      chmodSync(file, 0o755);
      return file;
    },
    remove: () => {
      rmSync(folder, { recursive: true });
    },
  };
}

/**
 * A `go` that knows one module, in `<folder>/module`, and builds an executable named `etcd`. It writes down every build
 * in `<folder>/builds`.
 *
 * @param build shell commands run at the start of a build
 */
export function fakeGo(box: Sandbox, build = ""): void {
  const { folder } = box;
  mkdirSync(join(folder, "module"));
  box.command(
    "go",
    `case "$1 $2" in
"mod download") echo '{"Dir": "${folder}/module", "GoMod": "${folder}/module/go.mod"}' ;;
"mod edit") echo '{"Go": "1.26.0"}' ;;
build*)
  echo "$$" >> ${folder}/builds
  ${build}
  mkdir -p bin && cp go.mod bin/etcd ;;
esac`,
  );
}
