/**
 * Volumes of the simulated cluster. Nothing is mounted, so a volume is only its objects; but those behave as with the
 * zonal disks of a cloud: a claim waits for its first pod, the volume is made in the zone of the pod's node and
 * belongs to that zone from then on, a larger request grows it, and it goes with its claim.
 *
 * The real controller manager binds, protects and releases. What a storage driver would do is done by kwok, told by
 * the stages below.
 */
import type { KubeObject } from "../support/objects";
import type { SimulatedNode } from "./nodes";

const PROVISIONER = "simulated.noetl.test";

/** @returns storage classes of these names; the first one is the default class */
export function storageClasses(names: readonly string[]): KubeObject[] {
  return names.map((name, index) => ({
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(index === 0) } },
    provisioner: PROVISIONER,
    volumeBindingMode: "WaitForFirstConsumer",
    reclaimPolicy: "Delete",
    allowVolumeExpansion: true,
  }));
}

/** @returns the kwok stages that make, grow and remove volumes */
export function volumeStages(nodes: readonly SimulatedNode[]): KubeObject[] {
  // Makes the volume, or changes the one that is there.
  const applyVolume = { apply: { type: "merge", template: volumeTemplate(nodes) } };
  const storage = "{{ .spec.resources.requests.storage | Quote }}";
  return [
    stage("volume-make", "PersistentVolumeClaim", {
      when: [
        ...isAnnotated("volume.kubernetes.io/storage-provisioner", PROVISIONER),
        "'volume.kubernetes.io/selected-node' in self.metadata.annotations",
        "!has(self.metadata.deletionTimestamp)",
        "!has(self.spec.volumeName)",
      ],
      steps: [applyVolume],
    }),
    stage("volume-grow", "PersistentVolumeClaim", {
      when: [
        ...isAnnotated("volume.kubernetes.io/storage-provisioner", PROVISIONER),
        "self.status.phase == 'Bound'",
        "self.status.capacity.storage != self.spec.resources.requests.storage",
      ],
      steps: [
        applyVolume,
        { patch: { subresource: "status", root: "status", template: `capacity:\n  storage: ${storage}\n` } },
      ],
    }),
    stage("volume-remove", "PersistentVolume", {
      when: [
        ...isAnnotated("pv.kubernetes.io/provisioned-by", PROVISIONER),
        "!has(self.metadata.deletionTimestamp)",
        "self.status.phase == 'Released'",
      ],
      steps: [{ delete: true }],
    }),
  ];
}

/** CEL expressions; kwok joins them by "and", in their order. */
function isAnnotated(key: string, value: string): string[] {
  return [
    "has(self.metadata.annotations)",
    `'${key}' in self.metadata.annotations`,
    `self.metadata.annotations['${key}'] == '${value}'`,
  ];
}

function stage(name: string, kind: string, { when, steps }: { when: string[]; steps: object[] }): KubeObject {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: "v1", kind },
      selector: { matchExpressions: when.map((expression) => ({ cel: { expression } })) },
      steps,
    },
  };
}

function volumeTemplate(nodes: readonly SimulatedNode[]): string {
  const zones = nodes.map(({ name, zone }) => `"${name}" "${zone}"`).join(" ");
  return `
{{ $zone := index (dict ${zones}) (index .metadata.annotations "volume.kubernetes.io/selected-node") }}
apiVersion: v1
kind: PersistentVolume
metadata:
  name: pvc-{{ .metadata.uid }}
  annotations:
    pv.kubernetes.io/provisioned-by: ${PROVISIONER}
spec:
  accessModes:
  {{ YAML .spec.accessModes 1 }}
  capacity:
    storage: {{ .spec.resources.requests.storage | Quote }}
  persistentVolumeReclaimPolicy: Delete
  storageClassName: {{ .spec.storageClassName | Quote }}
  volumeMode: {{ .spec.volumeMode | Quote }}
  claimRef:
    apiVersion: v1
    kind: PersistentVolumeClaim
    name: {{ .metadata.name | Quote }}
    namespace: {{ .metadata.namespace | Quote }}
    uid: {{ .metadata.uid | Quote }}
  nodeAffinity:
    required:
      nodeSelectorTerms:
      - matchExpressions:
        - key: topology.kubernetes.io/zone
          operator: In
          values: [{{ $zone | Quote }}]
  hostPath:
    path: /nowhere/pvc-{{ .metadata.uid }}
`;
}
