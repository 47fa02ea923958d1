import type { KubeObject } from "../support/objects";

interface EnvVar {
  name: string;
  value?: string;
  valueFrom?: {
    secretKeyRef?: { name: string; key: string; optional?: boolean };
    configMapKeyRef?: { name: string; key: string; optional?: boolean };
    fieldRef?: { fieldPath: string };
  };
}

interface Container {
  name: string;
  env?: EnvVar[];
  envFrom?: { secretRef?: { name: string }; configMapRef?: { name: string } }[];
  ports?: { name?: string; containerPort: number }[];
  volumeMounts?: { name: string; mountPath: string; subPath?: string }[];
}

interface Items {
  items?: { key: string; path: string }[];
}

interface Volume {
  name: string;
  secret?: Items & { secretName: string };
  configMap?: Items & { name: string };
  projected?: { sources: { secret?: Items & { name: string }; configMap?: Items & { name: string } }[] };
}

/** A pod, as far as what runs in it notices. */
export interface Pod extends KubeObject {
  spec: { nodeName?: string; initContainers?: Container[]; containers: Container[]; volumes?: Volume[] };
  status?: { podIP?: string };
}

/** A Service. */
export interface Service extends KubeObject {
  spec: { selector?: Record<string, string>; ports: { port: number; targetPort?: number | string }[] };
}

type Data = Readonly<Record<string, string>>;

/** What is in the Secrets and ConfigMaps of a namespace, by name. */
export interface SecretsAndMaps {
  secrets: ReadonlyMap<string, Data>;
  maps: ReadonlyMap<string, Data>;
}

export function labelsOf({ metadata }: KubeObject): Data {
  return metadata.labels ?? {};
}

/** The environment of a container. @throws Error for a reference to what is not there */
export function environmentOf(pod: Pod, container: string, around: SecretsAndMaps): Record<string, string> {
  const { env = [], envFrom = [] } = containerOf(pod, container);
  const whole = envFrom.map(({ secretRef, configMapRef }) => {
    const data = secretRef ? around.secrets.get(secretRef.name) : around.maps.get(configMapRef?.name ?? "");
    if (data === undefined) throw new Error(`envFrom: no ${secretRef?.name ?? configMapRef?.name ?? ""}`);
    return data;
  });
  const values = env.flatMap((variable) => {
    const value = valueOf(variable, pod, around);
    return value === undefined ? [] : [[variable.name, value] as const];
  });
  return Object.assign({}, ...whole, Object.fromEntries(values)) as Record<string, string>;
}

function valueOf({ name, value, valueFrom }: EnvVar, pod: Pod, { secrets, maps }: SecretsAndMaps): string | undefined {
  if (valueFrom === undefined) return value ?? "";
  const { secretKeyRef, configMapKeyRef, fieldRef } = valueFrom;
  if (fieldRef !== undefined) return fieldOf(pod, fieldRef.fieldPath);
  const ref = secretKeyRef ?? configMapKeyRef;
  const found = (secretKeyRef ? secrets : maps).get(ref?.name ?? "")?.[ref?.key ?? ""];
  if (found === undefined && ref?.optional !== true) {
    throw new Error(`${name}: no ${ref?.name ?? ""}/${ref?.key ?? ""}`);
  }
  return found;
}

function fieldOf(pod: Pod, path: string): string {
  const label = /^metadata\.labels\['(.+)'\]$/.exec(path)?.[1];
  if (label !== undefined) return labelsOf(pod)[label] ?? "";
  const fields: Record<string, string | undefined> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "metadata.uid": pod.metadata.uid,
    "status.podIP": pod.status?.podIP ?? "127.0.0.1",
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`fieldRef ${path}`);
  return value;
}

/** The files that a container finds, by path. What is missing is not there: a kubelet would wait for it. */
export function filesOf(pod: Pod, container: string, { secrets, maps }: SecretsAndMaps): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, mountPath } of containerOf(pod, container).volumeMounts ?? []) {
    const volume = pod.spec.volumes?.find((candidate) => candidate.name === name);
    const { secret, configMap, projected } = volume ?? {};
    const sources = [
      ...(secret ? [{ data: secrets.get(secret.secretName), items: secret.items }] : []),
      ...(configMap ? [{ data: maps.get(configMap.name), items: configMap.items }] : []),
      ...(projected?.sources ?? []).map((source) => ({
        data: source.secret ? secrets.get(source.secret.name) : maps.get(source.configMap?.name ?? ""),
        items: (source.secret ?? source.configMap)?.items,
      })),
    ];
    for (const { data = {}, items } of sources) {
      for (const { key, path } of items ?? Object.keys(data).map((key) => ({ key, path: key }))) {
        const text = data[key];
        if (text !== undefined) files.set(`${mountPath}/${path}`, text);
      }
    }
  }
  return files;
}

/** The number of a container's port. */
export function portNamed(pod: Pod, port: number | string): number {
  if (typeof port === "number") return port;
  const ports = pod.spec.containers.flatMap((container) => container.ports ?? []);
  return ports.find(({ name }) => name === port)?.containerPort ?? 0;
}

/** Whether a host name is that of a Service, of one of its pods, or of it in its own namespace. */
export function serviceHost({ metadata: { name, namespace = "" } }: Service, host: string): boolean {
  const [first, second, third] = host.split(".");
  return (first === name && (second === undefined || second === namespace)) || (second === name && third === namespace);
}

function containerOf({ metadata, spec }: Pod, name: string): Container {
  const found = [...(spec.initContainers ?? []), ...spec.containers].find((container) => container.name === name);
  if (found === undefined) throw new Error(`pod ${metadata.name} has no container ${name}`);
  return found;
}
