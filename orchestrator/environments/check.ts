import { existsSync } from "node:fs";
import { join } from "node:path";
import { readCatalog } from "./catalog";
import { planOf } from "./plan";

/** What there is with a folder of one's own, and what people should know of its templates. */
export interface FolderCheck {
  templates: number;
  taskservs: number;
  notices: string[];
}

/** @throws UserError with file and line of what is wrong */
export function checkFolder(folder: string): FolderCheck {
  const catalog = readCatalog(folder);
  const own = [...catalog.templates.keys()].filter((name) => existsSync(join(folder, "templates", `${name}.toml`)));
  const notices = own.flatMap((template) =>
    planOf({ config: { type: "cluster_topology", template }, images: {} }, catalog).notices.map(
      (notice) => `templates/${template}.toml: ${notice}`,
    ),
  );
  return { templates: catalog.templates.size, taskservs: catalog.taskservs.size, notices };
}
