import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../stacks/errors";
import { orderOf } from "./order";
import { taskservFile, templateFile, type Taskserv, type Template } from "./schema";
import { readToml } from "./toml";

/** What environments are made of, by name. */
export interface Catalog {
  taskservs: ReadonlyMap<string, Taskserv>;
  templates: ReadonlyMap<string, Template>;
}

/**
 * The catalog that is shipped, and what a folder of one's own adds to it or puts in its place: `taskservs/*.toml` and
 * `templates/*.toml`.
 *
 * @throws UserError with file and line of what is wrong
 */
export function readCatalog(own?: string): Catalog {
  const taskservs = new Map<string, Taskserv>();
  const templates = new Map<string, Template>();
  for (const folder of [__dirname, ...(own === undefined ? [] : [own])]) {
    for (const [name, file] of tomlFiles(join(folder, "taskservs"), own === folder)) {
      taskservs.set(name, readToml(`taskservs/${name}.toml`, file, taskservFile));
    }
    for (const [name, file] of tomlFiles(join(folder, "templates"), own === folder)) {
      templates.set(name, readToml(`templates/${name}.toml`, file, templateFile));
    }
  }
  for (const [name, { nodes }] of templates) {
    try {
      orderOf(nodes, "nodes");
    } catch (error) {
      throw new UserError(`templates/${name}.toml: ${(error as Error).message}`);
    }
  }
  return { taskservs, templates };
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
