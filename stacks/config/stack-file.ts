import { basename } from "node:path";
import type { PlatformConfig } from "../schema";
import { checkConfig } from "./check";
import type { Entry, MapEntry } from "./entry";
import { readFileText, STACK_FILE } from "./file-text";
import { inFileOrder } from "./finding";
import { nearest } from "./nearest";
import { formatPath } from "./path";
import { ConfigError, type ConfigProblem } from "./problem";
import { sealedValues } from "./secrets";
import { parseYaml } from "./yaml-text";

/** What a stack file says: which environment, and all its settings. */
export interface StackSettings {
  /** The stack's name, from the file's: `kind` of Pulumi.kind.yaml; of a file named otherwise, its name. */
  stack: string;
  /** The file, as given. */
  file: string;
  /** All settings, complete with defaults. Secrets hold `PLACEHOLDER`: nothing offline can decrypt them. */
  config: PlatformConfig;
  /** The encrypted values of the file by their paths in `config`, where it has any. */
  sealed?: ReadonlyMap<string, string>;
}

/** Keys at the top of a stack file, all written by Pulumi itself but `config` and `environment`. */
const TOP_LEVEL = ["config", "encryptionsalt", "secretsprovider", "encryptedkey", "environment"];

const LEAST = "config: with at least noetl:profile, noetl:cluster and noetl:postgres";

/**
 * Reads a stack file and checks everything it says.
 *
 * @param file Path of a `Pulumi.<stack>.yaml`.
 * @throws ConfigError with every problem of the file.
 */
export function readStackFile(file: string): StackSettings {
  return parseStackFile(readFileText(file), file);
}

/** Like {@link readStackFile}, of a text that is at hand. */
export function parseStackFile(text: string, file: string): StackSettings {
  const { root, problems } = parseYaml(text, file);
  const { config: entry, problems: outside } = configOf(root, file);
  const checked = entry && checkConfig(entry, () => "encrypted");
  const all = [...problems, ...outside, ...(checked?.problems ?? [])];
  if (all.length > 0 || !checked?.config) throw new ConfigError(file, inFileOrder(distinct(all)));
  const sealed = entry ? sealedValues(entry) : new Map<string, string>();
  return { stack: stackOf(file), file, config: checked.config, ...(sealed.size > 0 && { sealed }) };
}

/** The stack that a file describes, by its name. */
export function stackOf(file: string): string {
  const name = basename(file);
  // A copy under another name can be checked and previewed, too.
  return STACK_FILE.exec(name)?.[1] ?? name.replace(/\.ya?ml$/, "").replaceAll(/[^A-Za-z0-9_.-]/g, "-");
}

/** The `config` of a file, and what is wrong beside it. */
function configOf(root: Entry, file: string): { config: MapEntry | undefined; problems: ConfigProblem[] } {
  const isEmpty = root.kind === "scalar" && root.value === null;
  if (isEmpty) return { config: undefined, problems: [{ path: file, message: "the file is empty", allowed: LEAST }] };
  if (root.kind !== "map") {
    return {
      config: undefined,
      problems: [{ path: file, ...root.at, message: "the file holds no keys", allowed: LEAST }],
    };
  }
  if (root.children.has("runtime") && root.children.has("name")) {
    const message = "this is the project file, not a stack file";
    return { config: undefined, problems: [{ path: file, message, allowed: "a file Pulumi.<stack>.yaml" }] };
  }
  const problems = [...root.children].flatMap(([name, entry]) => topLevelProblem(name, entry));
  const config = root.children.get("config") ?? { kind: "map", children: new Map(), at: { line: 1, column: 1 } };
  if (config.kind === "scalar" && config.value === null) {
    return { config: { kind: "map", children: new Map(), ...(config.key && { key: config.key }) }, problems };
  }
  if (config.kind === "map") return { config, problems };
  const problem = { path: "config", ...config.at, message: "is not a group of keys", allowed: LEAST };
  return { config: undefined, problems: [...problems, problem] };
}

function topLevelProblem(name: string, entry: Entry): ConfigProblem[] {
  if (TOP_LEVEL.includes(name)) return [];
  const allowed = TOP_LEVEL.join(", ");
  if (name.includes(":")) {
    return [
      {
        path: formatPath([name]),
        ...entry.key,
        message: "stands outside config",
        allowed,
        next: "indent it below `config:`",
      },
    ];
  }
  const suggestion = nearest(name, TOP_LEVEL);
  const hint = suggestion === undefined ? {} : { suggestion };
  return [
    { path: formatPath([name]), ...entry.key, message: "unknown key at the top of a stack file", allowed, ...hint },
  ];
}

/** The first problem of each setting on a line; what YAML says comes before what the schema makes of it. */
function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const byPlace = new Map(problems.map((problem) => [`${problem.line} ${problem.path}`, problem] as const).reverse());
  return problems.filter((problem) => byPlace.get(`${problem.line} ${problem.path}`) === problem);
}
