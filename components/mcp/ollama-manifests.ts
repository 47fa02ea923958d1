import type * as k8s from "@pulumi/kubernetes";
import { literal } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";

/** Name of StatefulSet, Service and ServiceAccount. */
export const OLLAMA = "ollama";
export const PORT = 11434;

/** What an Ollama of the platform's own is like. */
export interface OllamaFacts {
  image: string;
  /** Model that is there before it serves: `gemma3:4b`. */
  model: string;
  /** Size of the volume with the models. */
  storage: string;
  /** Storage class of the volume; it cannot change later. */
  storageClass: string;
  resources: ResourceAmounts;
}

export function ollamaUrl({ name }: Namespace): string {
  return `http://${OLLAMA}.${name}.svc.cluster.local:${PORT}`;
}

function metadata(namespace: Namespace) {
  return { name: OLLAMA, namespace: namespace.created, labels: ollamaLabels() };
}

function ollamaLabels() {
  return labels({ app: OLLAMA, component: "ai-backend" });
}

export function service(namespace: Namespace): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(namespace),
    spec: { selector: selector(OLLAMA), ports: [{ name: "http", port: PORT, targetPort: "http" }] },
  };
}

export function serviceAccount(namespace: Namespace): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(namespace), automountServiceAccountToken: false };
}

export function statefulSet(namespace: Namespace, facts: OllamaFacts): k8s.apps.v1.StatefulSetArgs {
  const tags = { httpGet: { path: "/api/tags", port: "http" } };
  return {
    metadata: metadata(namespace),
    spec: {
      serviceName: OLLAMA,
      replicas: 1,
      selector: { matchLabels: selector(OLLAMA) },
      template: {
        metadata: { labels: ollamaLabels() },
        spec: {
          ...restrictedPod({ uid: NOBODY, fsGroup: NOBODY }),
          serviceAccountName: OLLAMA,
          initContainers: [pullModel(facts)],
          containers: [
            {
              name: OLLAMA,
              image: facts.image,
              ports: [{ name: "http", containerPort: PORT }],
              env: [literal("OLLAMA_HOST", `0.0.0.0:${PORT}`), ...FOLDERS],
              resources: resourceRequirements(facts.resources),
              readinessProbe: {
                ...tags,
                initialDelaySeconds: 10,
                periodSeconds: 10,
                timeoutSeconds: 5,
                failureThreshold: 12,
              },
              livenessProbe: {
                ...tags,
                initialDelaySeconds: 30,
                periodSeconds: 30,
                timeoutSeconds: 5,
                failureThreshold: 6,
              },
              securityContext: RESTRICTED_CONTAINER,
              volumeMounts: MOUNTS,
            },
          ],
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: "ollama-data", labels: ollamaLabels() },
          spec: {
            accessModes: ["ReadWriteOnce"],
            storageClassName: facts.storageClass,
            resources: { requests: { storage: facts.storage } },
          },
        },
      ],
    },
  };
}

/** Everything that Ollama writes lies on the volume; the root file system is read-only. */
const FOLDERS = [literal("HOME", "/data"), literal("OLLAMA_MODELS", "/data/models")];
const MOUNTS = [
  { name: "ollama-data", mountPath: "/data" },
  { name: "tmp", mountPath: "/tmp" },
];

/** A model that is there is not asked for again, so that a restart needs no Internet. */
function pullModel({ image, model }: OllamaFacts): k8s.types.input.core.v1.Container {
  return {
    name: "pull-model",
    image,
    command: [
      "sh",
      "-c",
      [
        "ollama serve &",
        "until ollama list >/dev/null 2>&1; do sleep 1; done",
        'ollama show "$MODEL" >/dev/null 2>&1 || ollama pull "$MODEL"',
      ].join("\n"),
    ],
    env: [literal("OLLAMA_HOST", `127.0.0.1:${PORT}`), ...FOLDERS, literal("MODEL", model)],
    resources: resourceRequirements({
      requests: { cpu: "100m", memory: "128Mi" },
      limits: { cpu: "1", memory: "1Gi" },
    }),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: MOUNTS,
  };
}
