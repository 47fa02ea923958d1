import { TLS_KEYS } from "../../components/tls/authority";
import type { PlatformConfig } from "../../stacks/schema";
import { poolsOf } from "../../stacks/schema/pools";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, isObject, listOf, objectOf, textOf, type JsonObject } from "../json";
import { secretKeys } from "../secret-keys";
import type { Workload } from "../workloads";
import { title, type Check, type CheckContext, type Finding } from "./check";

/** A key of a Secret, or a whole one, that a pod needs to start. */
export interface Reference {
  /** What reads it: `container 'server', env NOETL_NATS_URL`, `volume 'tls'`. */
  by: string;
  secret: string;
  /** Default: all that there are. */
  key?: string | undefined;
}

/** A pod whose Secret, or whose key of one, is not there waits for it for ever. */
export const secretReferences: Check = {
  id: "secret-references",
  title: "Each Secret and key that pods read is made by the stack, or is one that a setting names as yours.",
  run: (context) => {
    const made = madeSecrets(context.graph);
    const given = givenSecrets(context.config);
    return context.workloads.flatMap((workload) =>
      referencesOf(workload).flatMap((reference) => {
        const place = `${workload.namespace}/${reference.secret}`;
        const keys = made.get(place);
        if (keys === undefined) return given.has(place) ? [] : [missing(workload, reference, context)];
        const { key } = reference;
        // A Secret whose keys nobody can read offline may have it.
        if (key === undefined || keys.size === 0 || keys.has(key)) return [];
        return [withoutKey(workload, { ...reference, key }, keys)];
      }),
    );
  },
};

function missing(workload: Workload, { by, secret, key }: Reference, { config }: CheckContext): Finding {
  const what = key === undefined ? "" : `, key ${key}`;
  const yours = [...givenSecrets(config)].map(([place, setting]) => `${place} by ${setting}`);
  return {
    severity: "error",
    rule: secretReferences.id,
    resource: workload.resource.urn,
    message: `${by} of ${title(workload)} reads Secret ${workload.namespace}/${secret}${what}, which nobody makes: its pods would wait for it for ever`,
    fix: `make the Secret in the program, or name one of yours by a setting for that (noetl:workerPools[].keychain, noetl:systemPool.keychain, noetl:server.keychain.vault.filesSecret, noetl:nats.tls.secretName)${yours.length === 0 ? "" : `; yours now: ${yours.join(", ")}`}`,
  };
}

function withoutKey(
  workload: Workload,
  { by, secret, key }: Reference & { key: string },
  keys: ReadonlySet<string>,
): Finding {
  return {
    severity: "error",
    rule: secretReferences.id,
    resource: workload.resource.urn,
    message: `${by} of ${title(workload)} reads key ${key} of Secret ${workload.namespace}/${secret}, which has no such key: its pods would wait for it for ever`,
    fix: `read one that it has: ${[...keys].join(", ")}`,
  };
}

/** Keys of the Secrets that come to be, by `NAMESPACE/NAME`; none where nobody can read them offline. */
function madeSecrets(graph: ResourceGraph): ReadonlyMap<string, ReadonlySet<string>> {
  const made = new Map<string, Set<string>>();
  const add = (place: string, keys: readonly string[]) => {
    made.set(place, new Set([...(made.get(place) ?? []), ...keys]));
  };
  for (const { namespace, secret, key } of secretKeys(graph)) add(`${namespace}/${secret}`, [key]);
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    const { name = "", namespace = "" } = manifest?.metadata ?? {};
    if (manifest?.kind === "Secret") add(`${namespace}/${name}`, []);
    if (manifest?.kind === "Certificate") {
      add(`${namespace}/${textOf(at(manifest.spec, "secretName")) ?? ""}`, Object.values(TLS_KEYS));
    }
  }
  return made;
}

/** Secrets that somebody else makes, by `NAMESPACE/NAME`, with the setting that says so. */
function givenSecrets(config: PlatformConfig): ReadonlyMap<string, string> {
  const { server, nats } = config;
  const { kubernetes, vault } = server.keychain;
  const given: [name: string | undefined, setting: string][] = [
    [kubernetes?.filesSecret, "noetl:server.keychain.kubernetes.filesSecret"],
    [vault?.filesSecret, "noetl:server.keychain.vault.filesSecret"],
    ...poolsOf(config).flatMap(({ pool, place }) =>
      pool.keychain.map(({ secret }, index): [string, string] => [secret, `noetl:${place}.keychain[${index}]`]),
    ),
  ];
  return new Map([
    ...given.flatMap(([name, setting]) => (name === undefined ? [] : [[`noetl/${name}`, setting] as const])),
    ...(nats.tls?.secretName === undefined
      ? []
      : [[`nats/${nats.tls.secretName}`, "noetl:nats.tls.secretName"] as const]),
  ]);
}

/** All that the pods of a workload cannot start without. */
export function referencesOf({ initContainers, containers, podSpec }: Workload): Reference[] {
  return [
    ...[...initContainers, ...containers].flatMap(({ name, env, raw }) => [
      ...env.flatMap((variable) => {
        const reference = objectOf(variable.valueFrom?.secretKeyRef);
        return needed(reference, `container '${name}', env ${variable.name},`, textOf(reference.key));
      }),
      ...listOf(raw.envFrom).flatMap((source, index) =>
        needed(objectOf(at(source, "secretRef")), `container '${name}', envFrom[${index}],`),
      ),
    ]),
    ...listOf(podSpec.volumes).flatMap((volume) => {
      const by = `volume '${textOf(at(volume, "name")) ?? ""}'`;
      const { secret } = objectOf(volume);
      const sources = listOf(at(volume, "projected", "sources")).map((source) => objectOf(at(source, "secret")));
      return [...files(objectOf(secret), by), ...sources.flatMap((source) => files(source, by))];
    }),
    ...listOf(podSpec.imagePullSecrets).flatMap((reference) => needed(objectOf(reference), "imagePullSecrets")),
  ];
}

/** What a volume shows of a Secret: all of it, or some keys. */
function files(source: JsonObject, by: string): Reference[] {
  const items = listOf(source.items).filter(isObject);
  if (items.length === 0) return needed(source, by);
  return items.flatMap((item) => needed(source, by, textOf(item.key)));
}

function needed(source: JsonObject, by: string, key?: string): Reference[] {
  const secret = textOf(source.secretName) ?? textOf(source.name);
  return secret === undefined || source.optional === true ? [] : [{ by, secret, key }];
}
