import { type SecretPlace } from "../../components/secrets/catalog";
import { manifestOf, type Manifest, type ResourceGraph } from "../../preview/graph";
import { listOf, objectOf, textOf, type JsonObject } from "../../preview/json";
import type { Workload } from "../../preview/workloads";

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

/** How a workload reads a key. */
export type Reading = "environment" | "file";

/** How the pods of a workload read a key of a Secret; undefined when they do not. */
export function readingOf({ namespace, initContainers, containers, podSpec }: Workload, place: SecretPlace) {
  if (namespace !== place.namespace) return undefined;
  const variables = [...initContainers, ...containers].flatMap(({ env }) => env);
  const isVariable = variables.some(({ valueFrom }) => {
    const { name, key } = objectOf(objectOf(valueFrom).secretKeyRef);
    return name === place.secret && key === place.key;
  });
  if (isVariable) return "environment" satisfies Reading;
  const mounted = listOf(podSpec.volumes).flatMap((volume) => {
    const { secret, projected } = objectOf(volume);
    const sources = listOf(objectOf(projected).sources).map((source) => objectOf(objectOf(source).secret).name);
    return [objectOf(secret).secretName, ...sources];
  });
  return mounted.includes(place.secret) ? ("file" satisfies Reading) : undefined;
}
