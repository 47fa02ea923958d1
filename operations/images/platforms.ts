import type { Json } from "../../preview/graph";
import { listOf, objectOf, textOf } from "../../preview/json";
import { RegistryProblem } from "./problem";
import type { Manifest, Registry } from "./registry";

/**
 * Which platforms an image is made for, as `linux/amd64`, sorted; variants such as `v8` are left out, because nodes do not
 * tell theirs.
 *
 * @param registry gives the configuration of an image that is made for one platform alone
 * @throws RegistryProblem when the manifest does not say it
 */
export async function platformsOf({ mediaType, body }: Manifest, registry: Registry): Promise<string[]> {
  if (body.manifests !== undefined) {
    const named = listOf(body.manifests).flatMap((entry) => platformOf(objectOf(objectOf(entry).platform)));
    return [...new Set(named)].sort();
  }
  const config = textOf(objectOf(body.config).digest);
  if (config === undefined) {
    throw new RegistryProblem("wrong", `${registry.place.host} gives something else than an image: ${mediaType}`);
  }
  return platformOf(objectOf(parse(await registry.blob(config))));
}

/** Attestations stand in an index as images for `unknown/unknown`. */
function platformOf({ os, architecture }: Record<string, Json>): string[] {
  if (textOf(os) === undefined || textOf(architecture) === undefined || os === "unknown") return [];
  return [`${textOf(os) ?? ""}/${textOf(architecture) ?? ""}`];
}

function parse(text: Buffer): Json {
  try {
    return JSON.parse(text.toString("utf8")) as Json;
  } catch {
    return {};
  }
}
