import * as postgres from "./postgres";
import * as resources from "./resources";
import type { Rule } from "./rule";
import * as secrets from "./secrets";
import * as server from "./server";
import * as workerPools from "./worker-pools";

export type { Rule, RuleProblem } from "./rule";

/** Every rule between settings, by name. */
export const RULES: Readonly<Record<string, Rule>> = {
  ...server,
  ...postgres,
  ...secrets,
  ...workerPools,
  ...resources,
};
