import type * as pulumi from "@pulumi/pulumi";
import { secretsAt } from "../components/secrets/catalog";
import type { SecretsConfig } from "./schema";

/** Changes with every replacement of a secret that a pod's environment comes from. */
export const ROTATIONS_ANNOTATION = "noetl.io/secret-rotations";

const ROLLING = ["kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet"];

type Rotations = SecretsConfig["rotations"];

/** A pod template, as far as it says which Secrets its pods read at their start. */
interface PodTemplate {
  metadata?: { annotations?: Record<string, string> };
  spec: {
    initContainers?: Container[];
    containers: Container[];
    volumes?: { secret?: { secretName: string; items?: { key: string }[] } }[];
  };
}

interface Container {
  env?: { valueFrom?: { secretKeyRef?: { name: string; key: string } } }[];
}

/**
 * Restarts what reads a replaced secret: pods take their environment from Secrets once, when they start. The annotation
 * says how often each was replaced, and nothing of its value. It stands on no workload before the first replacement.
 *
 * @param namespace of the workloads
 */
export function restartOnRotation(namespace: string, rotations: Rotations): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!ROLLING.includes(type)) return undefined;
    const { spec, ...rest } = props as { spec: { template: PodTemplate } };
    const said = rotationsOf(spec.template, namespace, rotations);
    if (said === "") return undefined;
    const { metadata } = spec.template;
    const annotations = { ...metadata?.annotations, [ROTATIONS_ANNOTATION]: said };
    const template = { ...spec.template, metadata: { ...metadata, annotations } };
    return { props: { ...rest, spec: { ...spec, template } }, opts };
  };
}

/** `NAME=COUNT` of each replaced secret that a pod reads at its start, sorted, with commas between. */
function rotationsOf({ spec }: PodTemplate, namespace: string, rotations: Rotations): string {
  const { initContainers = [], containers, volumes = [] } = spec;
  const variables = [...initContainers, ...containers].flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => {
      const reference = valueFrom?.secretKeyRef;
      return reference ? [{ secret: reference.name, key: reference.key }] : [];
    }),
  );
  const files = volumes.flatMap(({ secret }) =>
    (secret?.items ?? []).map(({ key }) => ({ secret: secret?.secretName ?? "", key })),
  );
  const names = [...variables, ...files].flatMap((place) => secretsAt({ namespace, ...place }));
  return [...new Set(names)]
    .flatMap((name) => {
      const count = rotations[name] ?? 0;
      return count > 0 ? [`${name}=${count}`] : [];
    })
    .sort()
    .join(",");
}
