import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder, type Environment } from "./cache";
import { KUBERNETES_VERSIONS, type KubernetesMinor, RECIPES } from "./catalog";
import { type Crd, findCrds } from "./crds";
import type { ToolMissing } from "./find";
import { downloadModule, ToolError } from "./go";
import { type OpenApi, schemasOfApi, schemasOfCrd } from "./json-schema";
import { makeOnce } from "./once";

/**
 * Derives the JSON Schemas of a Kubernetes minor version and of all custom resources that can be found (see
 * {@link findCrds}) into the cache, once.
 *
 * @returns what kubeconform takes as `-schema-location`; or why there are no schemas
 */
export async function kubeconformSchemas(
  minor: KubernetesMinor,
  env: Environment = process.env,
): Promise<string | ToolMissing> {
  const version = KUBERNETES_VERSIONS[minor];
  try {
    const crds = Object.values((await findCrds(env)).groups).flat();
    const folder = join(cacheFolder(env), "schemas", `${version}-${keyOf(crds)}`);
    await makeOnce(
      folder,
      (draft) => derive(version, crds, draft, env),
      () => undefined,
    );
    return `${folder}/{{ .Group }}/{{ .ResourceKind }}_{{ .ResourceAPIVersion }}.json`;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return { found: false, name: `JSON Schemas of Kubernetes ${minor}`, reason: error.message };
  }
}

/** The schemas change with the definitions and with the code that derives them. */
function keyOf(crds: Crd[]): string {
  const code = readFileSync(join(__dirname, "json-schema.ts"), "utf8");
  return createHash("sha256").update(code).update(JSON.stringify(crds)).digest("hex").slice(0, 12);
}

async function derive(version: string, crds: Crd[], folder: string, env: Environment): Promise<void> {
  const { Dir } = await downloadModule(`${RECIPES.kubernetes.module}@${version}`, env);
  const api = JSON.parse(readFileSync(join(Dir, "api/openapi-spec/swagger.json"), "utf8")) as OpenApi;
  for (const [file, schema] of [...schemasOfApi(api), ...crds.flatMap((crd) => [...schemasOfCrd(crd, api)])]) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), JSON.stringify(schema));
  }
}
