import type { SecretPlace } from "../components/secrets/catalog";
import { manifestOf, type Manifest, type ResourceGraph } from "./graph";
import { listOf, objectOf, textOf, type JsonObject } from "./json";

/** Every key of every Secret that a graph has come to be, by whichever provider. */
export function secretKeys(graph: ResourceGraph): SecretPlace[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    return manifest ? keysOf(manifest) : [];
  });
}

function keysOf({ apiVersion, kind, metadata, spec, ...manifest }: Manifest): SecretPlace[] {
  const { namespace = "", name } = metadata;
  const fields = objectOf(spec);
  const at = (secret: string, keys: (string | undefined)[]): SecretPlace[] =>
    keys.flatMap((key) => (key === undefined ? [] : [{ namespace, secret, key }]));
  const column = (rows: JsonObject[string] | undefined, field: string): (string | undefined)[] =>
    listOf(rows).map((row) => textOf(objectOf(row)[field]));
  switch (`${apiVersion} ${kind}`) {
    case "v1 Secret":
      return at(name, Object.keys({ ...objectOf(manifest.data), ...objectOf(manifest.stringData) }));
    case "secret-sync.gke.io/v1 SecretSync":
      return at(name, column(objectOf(fields.secretObject).data, "targetKey"));
    case "external-secrets.io/v1 ExternalSecret":
      return at(name, column(fields.data, "secretKey"));
    case "secrets-store.csi.x-k8s.io/v1 SecretProviderClass":
      return listOf(fields.secretObjects).flatMap((made) => {
        const { secretName, data } = objectOf(made);
        return at(textOf(secretName) ?? "", column(data, "key"));
      });
    default:
      return [];
  }
}
