import type { KubeObject } from "../support/objects";

/** Matches a pod whose image never starts: its tag begins with `broken`. */
const BROKEN = '.spec.containers.[] | select( .image | contains(":broken") ) | .name';

/** Keeps kwok's stage for ready pods from those that never start. */
export function sparingBroken(stage: KubeObject): KubeObject {
  if (stage.metadata.name !== "pod-ready") return stage;
  const { spec } = stage as KubeObject & { spec: { selector: { matchExpressions: object[] } } };
  const matchExpressions = [...spec.selector.matchExpressions, { key: BROKEN, operator: "DoesNotExist" }];
  return { ...stage, spec: { ...spec, selector: { matchExpressions } } };
}

/** What a kubelet says of an image that it cannot pull. */
export const PULL_FAILS = {
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name: "pod-pull-fails" },
  spec: {
    resourceRef: { apiGroup: "v1", kind: "Pod" },
    selector: {
      matchExpressions: [
        { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
        { key: ".status.containerStatuses", operator: "DoesNotExist" },
        { key: BROKEN, operator: "Exists" },
      ],
    },
    next: {
      statusTemplate: [
        "phase: Pending",
        "containerStatuses:",
        "{{ range .spec.containers }}",
        "- name: {{ .name | Quote }}",
        "  image: {{ .image | Quote }}",
        "  ready: false",
        "  restartCount: 0",
        "  state:",
        "    waiting:",
        "      reason: ImagePullBackOff",
        '      message: {{ printf "Back-off pulling image %q" .image | Quote }}',
        "{{ end }}",
      ].join("\n"),
    },
  },
} as KubeObject;
