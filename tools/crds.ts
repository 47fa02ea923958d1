import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import type { Environment } from "./cache";
import { CRD_PROJECTS, type CrdProject } from "./catalog";
import { downloadModule, ToolError } from "./go";

/** A CustomResourceDefinition, as far as it is used here; the object holds all of it. */
export interface Crd {
  apiVersion: string;
  kind: "CustomResourceDefinition";
  metadata: { name: string };
  spec: {
    group: string;
    names: { kind: string; plural: string };
    versions: { name: string; served: boolean; schema?: { openAPIV3Schema?: object } }[];
  };
}

/** The definitions that could be found, and the projects whose definitions could not. */
export interface CrdSet {
  /** By API group; within a group by file and place in it. */
  groups: Readonly<Record<string, readonly Crd[]>>;
  /** Projects without definitions: their API groups, and why there are none. */
  missing: readonly { project: string; groups: readonly string[]; reason: string }[];
}

const SHARED = join(__dirname, "../../shared/crds");

/**
 * Finds the definitions of all custom resources that the platform may render. For each project the first of these
 * that has them: the folder that `NOETL_CRD_DIR` names, the folder `../shared/crds` beside the repository, the Go
 * module of the project.
 *
 * @param env where `NOETL_CRD_DIR` is read from, and the Go toolchain is found. @default process.env
 * @param shared the folder beside the repository
 * @throws ToolError when `NOETL_CRD_DIR` names no folder
 */
export async function findCrds(env: Environment = process.env, shared: string = SHARED): Promise<CrdSet> {
  const folders = crdFolders(env, shared);
  const local = folders.map(readCrds);
  const groups: Record<string, readonly Crd[]> = {};
  const missing: CrdSet["missing"][number][] = [];
  for (const project of CRD_PROJECTS) {
    const inFolder = local.map((crds) => ofProject(crds, project)).find((crds) => crds.length > 0);
    const found = inFolder ?? (await fromModule(project, env));
    if (typeof found === "string") {
      const where = folders.length === 0 ? "" : `not in ${folders.join(" or ")}; `;
      missing.push({ project: project.project, groups: project.groups, reason: `${where}${found}` });
    } else {
      for (const group of project.groups) groups[group] = found.filter(({ spec }) => spec.group === group);
    }
  }
  return { groups, missing };
}

function crdFolders(env: Environment, shared: string): string[] {
  const named = env.NOETL_CRD_DIR;
  if (named !== undefined && named !== "" && !isFolder(named)) {
    throw new ToolError(`NOETL_CRD_DIR names ${named}, which is not a folder`);
  }
  return [named ?? "", shared].filter(isFolder);
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** @returns the definitions, or why there are none */
async function fromModule(project: CrdProject, env: Environment): Promise<Crd[] | string> {
  if (project.own !== undefined) return ofProject(readCrds(join(__dirname, "..", project.own)), project);
  if (project.module === undefined) return "no Go module carries them; name a folder that does in NOETL_CRD_DIR";
  try {
    const { Dir } = await downloadModule(`${project.module.path}@${project.module.version}`, env);
    return ofProject(readCrds(join(Dir, project.module.folder)), project);
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

function ofProject(crds: Crd[], { groups }: CrdProject): Crd[] {
  return crds.filter(({ spec }) => groups.includes(spec.group));
}

function readCrds(folder: string): Crd[] {
  const files = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  return files.sort().flatMap((file) => {
    const documents = parseAllDocuments(readFileSync(join(folder, file), "utf8")).map(
      (document) => document.toJS() as unknown,
    );
    return documents.filter(isCrd);
  });
}

function isCrd(document: unknown): document is Crd {
  return (document as Crd | null)?.kind === "CustomResourceDefinition";
}
