import { describe } from "@jest/globals";
import { existsSync } from "node:fs";
import { buildPlace } from "../../../tools/cache";
import { TOOLS } from "../../../tools/catalog";
import { NO_GO, onPath } from "../../../tools/go";
import { COMPONENTS } from "../cluster/components";

/** Why no cluster can run here; undefined when its components are there or can be built. */
export function clusterImpossible(): string | undefined {
  if (hasGo()) return undefined;
  const { env } = process;
  const missing = COMPONENTS.filter(
    (name) => !existsSync(buildPlace(TOOLS[name].recipe, env).home) && onPath(name, env).length === 0,
  );
  return missing.length === 0 ? undefined : `${missing.join(", ")} not built; ${NO_GO}`;
}

/** Why there can be no schemas here: they come from Go modules. */
export function schemasImpossible(): string | undefined {
  return hasGo() ? undefined : NO_GO;
}

function hasGo(): boolean {
  return onPath("go", process.env).length > 0;
}

/** A suite that is skipped, and says why, where it cannot run. */
export function describeUnless(impossible: string | undefined, suite: string, tests: () => void): void {
  if (impossible === undefined) {
    describe(suite, tests);
    return;
  }
  process.stderr.write(`skipped: ${suite}: ${impossible}\n`);
  describe.skip(`${suite} (skipped: ${impossible})`, tests);
}
