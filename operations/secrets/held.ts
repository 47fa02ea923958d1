import type { SecretPlace } from "../../components/secrets/catalog";
import { listOf, objectOf } from "../../preview/json";
import type { Workload } from "../../preview/workloads";

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
