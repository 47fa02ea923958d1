import type * as k8s from "@pulumi/kubernetes";

/** Where a secret value stands: a key of a Secret in the namespace of the pod that reads it. */
export interface SecretKey {
  secret: string;
  key: string;
}

/** A container's environment variable. */
export type EnvVar = k8s.types.input.core.v1.EnvVar;

/** A plain variable. Never for secret values. */
export function literal(name: string, value: string | number | boolean): EnvVar {
  return { name, value: String(value) };
}

/** A variable whose value the kubelet reads from a Secret. */
export function fromSecret(name: string, { secret, key }: SecretKey): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** A variable whose value is a fact of the pod: a field path of the downward API. */
export function fromField(name: string, fieldPath: string): EnvVar {
  return { name, valueFrom: { fieldRef: { fieldPath } } };
}
