import { at, listOf, objectOf, textOf, type JsonObject } from "../../../preview/json";
import type { Container, Workload } from "../../../preview/workloads";

/** A key of a Secret or of a ConfigMap that a pod sees as a file. */
export interface FileSource {
  kind: "Secret" | "ConfigMap";
  namespace: string;
  name: string;
  key: string;
}

/**
 * Where a file of a container comes from.
 *
 * @param path `/tls/ca.crt`
 * @param joined whether an init container may have made it of several, as it does with roots that come from several
 *   objects (components/tls/pod-tls). Default: no.
 * @returns none for a file that no volume shows
 */
export function sourcesOf(workload: Workload, container: Container, path: string, joined = false): FileSource[] {
  const mount = container.mounts.find((each) => path.startsWith(`${each.path}/`));
  if (mount === undefined) return [];
  const file = path.slice(mount.path.length + 1);
  const volumes = listOf(workload.podSpec.volumes).map(objectOf);
  const find = (name: string, isWanted: (shown: string) => boolean): FileSource[] =>
    inVolume(workload.namespace, objectOf(volumes.find((volume) => textOf(volume.name) === name)), file, isWanted);
  const parts = `${mount.volume}-parts`;
  const ways = [
    find(mount.volume, (shown) => shown === file),
    find(parts, (shown) => shown === file),
    ...(joined ? [find(parts, (shown) => shown.startsWith("roots/"))] : []),
  ];
  return ways.find((sources) => sources.length > 0) ?? [];
}

function inVolume(
  namespace: string,
  volume: JsonObject,
  file: string,
  isWanted: (shown: string) => boolean,
): FileSource[] {
  const projected = listOf(at(volume, "projected", "sources")).map(objectOf);
  const shown = (kind: FileSource["kind"], source: JsonObject): FileSource[] => {
    const name = textOf(source.secretName) ?? textOf(source.name);
    if (name === undefined) return [];
    const items = listOf(source.items).map(objectOf);
    // Without items, each key is a file of its name.
    if (items.length === 0) return [{ kind, namespace, name, key: file }];
    return items
      .filter((item) => isWanted(textOf(item.path) ?? ""))
      .map((item) => ({ kind, namespace, name, key: textOf(item.key) ?? "" }));
  };
  return [
    ...[objectOf(volume.secret), ...projected.map(({ secret }) => objectOf(secret))].flatMap((each) =>
      shown("Secret", each),
    ),
    ...[objectOf(volume.configMap), ...projected.map(({ configMap }) => objectOf(configMap))].flatMap((each) =>
      shown("ConfigMap", each),
    ),
  ];
}
