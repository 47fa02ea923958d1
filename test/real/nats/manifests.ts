import type * as k8s from "@pulumi/kubernetes";

/** Objects that pods are made of, as the builders return them. They hold no Outputs. */
export interface PodObjects {
  statefulSet: k8s.apps.v1.StatefulSetArgs;
  configMap: k8s.core.v1.ConfigMapArgs;
  secret: k8s.core.v1.SecretArgs;
  /** Secret with the certificates. */
  tlsSecret?: k8s.core.v1.SecretArgs;
}

/** What the stand-in of a kubelet reads of them. */
export interface PlainObjects {
  statefulSet: {
    metadata: { name: string; namespace: string };
    spec: {
      serviceName: string;
      replicas: number;
      minReadySeconds?: number;
      template: { metadata: { annotations: Record<string, string> }; spec: PodSpec };
      volumeClaimTemplates: { metadata: { name: string } }[];
    };
  };
  configMap: { metadata: { name: string }; data: Record<string, string> };
  secret: PlainSecret;
  tlsSecret?: PlainSecret;
}

interface PlainSecret {
  metadata: { name: string };
  stringData: Record<string, string>;
}

interface PodSpec {
  containers: [Container, ...Container[]];
  volumes: Volume[];
}

export interface Container {
  name: string;
  /** Of containers beside the server. */
  command?: [string, ...string[]];
  args: string[];
  env: { name: string; value?: string; valueFrom?: { fieldRef: { fieldPath: string } } }[];
  ports: { name: string; containerPort: number }[];
  volumeMounts: { name: string; mountPath: string }[];
  startupProbe: Probe;
  readinessProbe: Probe;
  livenessProbe: Probe;
  lifecycle: { preStop: { exec: { command: [string, ...string[]] } } };
}

/** Which of a container's probes. */
export type ProbeName = "startupProbe" | "readinessProbe" | "livenessProbe";

export interface Probe {
  httpGet: { path: string; port: string };
  initialDelaySeconds?: number;
  periodSeconds: number;
}

/** The files of one object in a projected volume. */
export interface Source {
  name: string;
  items: { key: string; path: string }[];
}

export interface Volume {
  name: string;
  projected?: { sources: { configMap?: Source; secret?: Source }[] };
}

/** The objects as plain data. */
export function plainObjects(objects: PodObjects): PlainObjects {
  return structuredClone(objects) as unknown as PlainObjects;
}

/** The content of every file that an object's volume sources name: `[path, content]`. */
export function projectedFiles(volume: Volume, objects: PlainObjects): [path: string, content: string][] {
  const { configMap, secret, tlsSecret } = objects;
  const data: Record<string, Record<string, string>> = {
    [`configMap ${configMap.metadata.name}`]: configMap.data,
    [`secret ${secret.metadata.name}`]: secret.stringData,
    ...(tlsSecret && { [`secret ${tlsSecret.metadata.name}`]: tlsSecret.stringData }),
  };
  return (volume.projected?.sources ?? []).flatMap(Object.entries<Source>).flatMap(([kind, { name, items }]) =>
    items.map(({ key, path }): [string, string] => {
      const content = data[`${kind} ${name}`]?.[key];
      if (content === undefined) throw new Error(`no key ${key} in ${kind} ${name}`);
      return [path, content];
    }),
  );
}
