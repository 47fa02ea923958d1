import type { EnvVar } from "../../../components/kubernetes/env";
import type { ResourceGraph } from "../../../preview/graph";
import { objectNamed } from "../../support/recorded";

/** What the tests of this folder look at of a Deployment. */
export interface Deployment {
  metadata: { labels: Record<string, string> };
  spec: {
    replicas?: number;
    strategy?: object;
    template: {
      metadata: { labels: Record<string, string>; annotations: Record<string, string> };
      spec: Pod;
    };
  };
}

export interface Pod {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: object;
  initContainers: Container[];
  containers: Container[];
  volumes: object[];
}

interface Container {
  name: string;
  image: string;
  command?: string[];
  env: EnvVar[];
  ports?: object[];
  resources: object;
  lifecycle?: { preStop: { exec: { command: string[] } } };
  livenessProbe?: object;
  readinessProbe?: object;
  volumeMounts?: object[];
}

export function deploymentOf(graph: ResourceGraph, name: string): Deployment {
  return objectNamed(graph, `Deployment/${name}`) as unknown as Deployment;
}

/** The only pod and container of a Deployment. */
export function podOf(graph: ResourceGraph, name: string): Pod & { container: Container } {
  const { spec } = deploymentOf(graph, name).spec.template;
  const [container] = spec.containers;
  if (!container || spec.containers.length > 1) throw new Error(`not one container in ${name}`);
  return { ...spec, container };
}

/** An environment as rows of a table: the name, and the value or where it comes from. */
export function tableOf(env: readonly EnvVar[]): [name: string, from: string][] {
  return env.map((variable) => {
    const { name, value, valueFrom } = variable as {
      name: string;
      value?: string;
      valueFrom?: { secretKeyRef?: { name: string; key: string }; fieldRef?: { fieldPath: string } };
    };
    const { secretKeyRef, fieldRef } = valueFrom ?? {};
    if (secretKeyRef) return [name, `Secret ${secretKeyRef.name}/${secretKeyRef.key}`];
    return [name, fieldRef ? `pod ${fieldRef.fieldPath}` : (value ?? "")];
  });
}
