import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../stacks/errors";
import { secretsIn } from "../secret-fields";
import { LONGEST_VARIABLE, taskservFile, templateFile, type Taskserv, type Template } from "./schema";
import { readToml } from "./toml";

/** What environments are made of, by name. */
export interface Catalog {
  taskservs: ReadonlyMap<string, Taskserv>;
  templates: ReadonlyMap<string, Template>;
  /** Templates of a folder of one's own, and what stands in its variables: what is shipped is public. */
  own: { templates: ReadonlySet<string>; secrets: readonly string[] };
}

/**
 * The catalog that is shipped, and what a folder of one's own adds to it or puts in its place: `taskservs/*.toml` and
 * `templates/*.toml`.
 *
 * @throws UserError with file and line of what is wrong
 */
export function readCatalog(ownFolder?: string): Catalog {
  const taskservs = new Map<string, Taskserv>();
  const templates = new Map<string, Template>();
  const own = { templates: new Set<string>(), secrets: [] as string[] };
  if (ownFolder !== undefined) assertCatalog(ownFolder);
  for (const folder of [__dirname, ...(ownFolder === undefined ? [] : [ownFolder])]) {
    const isOwn = folder === ownFolder;
    for (const [name, file] of tomlFiles(join(folder, "taskservs"), isOwn)) {
      const read = readToml(`taskservs/${name}.toml`, file, taskservFile);
      const taskserv = withFiles(read, join(folder, "taskservs"), `taskservs/${name}.toml`);
      taskservs.set(name, taskserv);
      if (isOwn) own.secrets.push(...secretsIn(taskservFile, taskserv));
    }
    for (const [name, file] of tomlFiles(join(folder, "templates"), isOwn)) {
      const template = readToml(`templates/${name}.toml`, file, templateFile);
      templates.set(name, template);
      if (!isOwn) continue;
      own.templates.add(name);
      own.secrets.push(...secretsIn(templateFile, template));
    }
  }
  return { taskservs, templates, own };
}

/** What is in a folder of another name is not looked for: a mistyped one would pass unseen. */
function assertCatalog(folder: string): void {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    throw new UserError(`cannot read ${folder}: ${(error as Error).message}`);
  }
  if (names.includes("taskservs") || names.includes("templates")) return;
  throw new UserError(`${folder} has no folder taskservs and none templates: name the one that has them`);
}

/** @throws UserError for a file that cannot be read, or is too long for a variable */
function withFiles(taskserv: Taskserv, folder: string, file: string): Taskserv {
  const env = { ...taskserv.env };
  for (const [variable, path] of Object.entries(taskserv.env_files)) {
    const place = `${file}: env_files.${variable}`;
    let text: string;
    try {
      text = readFileSync(join(folder, path), "utf8");
    } catch (error) {
      throw new UserError(`${place}: cannot read ${path}: ${(error as Error).message}`);
    }
    if (text.length > LONGEST_VARIABLE) {
      throw new UserError(`${place}: ${path} has ${text.length} characters, a variable ${LONGEST_VARIABLE} at most`);
    }
    env[variable] = text;
  }
  return { ...taskserv, env };
}

function* tomlFiles(folder: string, isOptional: boolean): Generator<[name: string, text: string]> {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    if (isOptional && (error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw new UserError(`cannot read ${folder}: ${(error as Error).message}`);
  }
  for (const name of names) {
    if (name.endsWith(".toml")) yield [name.slice(0, -".toml".length), readFileSync(join(folder, name), "utf8")];
  }
}
