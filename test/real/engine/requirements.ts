import { existsSync } from "node:fs";
import { buildPlace } from "../../../tools/cache";
import { TOOLS } from "../../../tools/catalog";
import { NO_GO, onPath } from "../../../tools/go";
import { clusterImpossible } from "../stacks/requirements";
import { findLanguageHost, NO_LANGUAGE_HOST } from "./language-host";

/** Why no engine can run here, on a cluster; undefined when all it needs is there or can be built. */
export function engineImpossible(): string | undefined {
  const { env } = process;
  const isThere = existsSync(buildPlace(TOOLS.pulumi.recipe, env).home) || onPath("pulumi", env).length > 0;
  const canBe = isThere || onPath("go", env).length > 0;
  return clusterImpossible() ?? (canBe ? undefined : `pulumi not built; ${NO_GO}`);
}

/** Why the CLI cannot run the project itself; undefined when it can. */
export function projectImpossible(): string | undefined {
  return engineImpossible() ?? (findLanguageHost() === undefined ? NO_LANGUAGE_HOST : undefined);
}
