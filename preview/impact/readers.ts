import type { Json } from "../graph";
import { at, isObject, listOf, textOf } from "../json";
import type { Workload } from "../workloads";

/** How a pod gets at a ConfigMap or Secret. */
export interface Reading {
  workload: Workload;
  /** As variables, which are read once; as files, which the kubelet renews; as files of a `subPath`, which it does not. */
  as: "variables" | "files" | "fixed files";
  /** The keys that are read; undefined for all of them. */
  keys?: readonly string[];
  /** Containers that read it. */
  containers: readonly string[];
}

type Kind = "ConfigMap" | "Secret";

/** Who reads a ConfigMap or Secret, of all workloads of a graph: by namespace, kind and name. */
export class Readers {
  private readonly byObject = new Map<string, Reading[]>();

  constructor(workloads: readonly Workload[]) {
    for (const workload of workloads) {
      this.addVariables(workload);
      this.addFiles(workload);
    }
  }

  of(kind: string, namespace: string, name: string): readonly Reading[] {
    return this.byObject.get(`${namespace}/${kind}/${name}`) ?? [];
  }

  private add(kind: Kind, name: Json | undefined, reading: Reading): void {
    if (typeof name !== "string") return;
    const key = `${reading.workload.namespace}/${kind}/${name}`;
    this.byObject.set(key, [...(this.byObject.get(key) ?? []), reading]);
  }

  private addVariables(workload: Workload): void {
    for (const { name, raw } of [...workload.initContainers, ...workload.containers]) {
      const reading = { workload, as: "variables", containers: [name] } as const;
      for (const source of listOf(raw.envFrom)) {
        this.add("ConfigMap", at(source, "configMapRef", "name"), reading);
        this.add("Secret", at(source, "secretRef", "name"), reading);
      }
      for (const variable of listOf(raw.env)) {
        for (const [kind, field] of [
          ["ConfigMap", "configMapKeyRef"],
          ["Secret", "secretKeyRef"],
        ] as const) {
          const reference = at(variable, "valueFrom", field);
          const key = textOf(at(reference, "key"));
          this.add(kind, at(reference, "name"), { ...reading, ...(key !== undefined && { keys: [key] }) });
        }
      }
    }
  }

  private addFiles(workload: Workload): void {
    for (const volume of listOf(workload.podSpec.volumes)) {
      const users = [...workload.initContainers, ...workload.containers].filter(({ mounts }) =>
        mounts.some((mount) => mount.volume === at(volume, "name")),
      );
      const fixed = users.some(({ raw }) =>
        listOf(raw.volumeMounts).some(
          (mount) => at(mount, "name") === at(volume, "name") && at(mount, "subPath") !== undefined,
        ),
      );
      const base = {
        workload,
        as: fixed ? "fixed files" : "files",
        containers: users.map(({ name }) => name),
      } as const;
      for (const source of [volume, ...listOf(at(volume, "projected", "sources"))]) {
        const [map, secret] = [at(source, "configMap"), at(source, "secret")];
        this.add("ConfigMap", at(map, "name"), { ...base, ...keysOf(map) });
        this.add("Secret", at(secret, "secretName") ?? at(secret, "name"), { ...base, ...keysOf(secret) });
      }
    }
  }
}

/** The keys that a volume takes; all of them where it names none. */
function keysOf(source: Json | undefined): { keys?: string[] } {
  const items = at(source, "items");
  if (!Array.isArray(items)) return {};
  return { keys: items.filter(isObject).flatMap(({ key }) => textOf(key) ?? []) };
}
