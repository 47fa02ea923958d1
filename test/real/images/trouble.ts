import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { createAuthority } from "../cluster/certificates";
import type { KubeClient } from "../support/kube";
import type { KubeObject } from "../support/objects";

/** Matches a pod whose image never starts: its tag begins with `broken` or `crash`. */
const troubled = (tag: string): string => `.spec.containers.[] | select( .image | contains(":${tag}") ) | .name`;

/** Keeps kwok's stage for ready pods from those that never start. */
export function sparingTroubled(stage: KubeObject): KubeObject {
  if (stage.metadata.name !== "pod-ready") return stage;
  const { spec } = stage as KubeObject & { spec: { selector: { matchExpressions: object[] } } };
  const spared = ["broken", "crash"].map((tag) => ({ key: troubled(tag), operator: "DoesNotExist" }));
  const matchExpressions = [...spec.selector.matchExpressions, ...spared];
  return { ...stage, spec: { ...spec, selector: { matchExpressions } } };
}

/** What a kubelet says of an image that it cannot pull, and of one that ends again and again. */
export const TROUBLES = [
  stage("broken", [
    "  restartCount: 0",
    "  state:",
    "    waiting:",
    "      reason: ImagePullBackOff",
    '      message: {{ printf "Back-off pulling image %q" .image | Quote }}',
  ]),
  stage("crash", [
    "  restartCount: 3",
    "  state:",
    "    waiting:",
    "      reason: CrashLoopBackOff",
    "      message: back-off 40s restarting failed container",
    "  lastState:",
    "    terminated:",
    "      exitCode: 1",
    "      reason: Error",
  ]),
];

function stage(tag: string, status: readonly string[]): KubeObject {
  return {
    apiVersion: "kwok.x-k8s.io/v1alpha1",
    kind: "Stage",
    metadata: { name: `pod-${tag}` },
    spec: {
      resourceRef: { apiGroup: "v1", kind: "Pod" },
      selector: {
        matchExpressions: [
          { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
          { key: ".status.containerStatuses", operator: "DoesNotExist" },
          { key: troubled(tag), operator: "Exists" },
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
          ...status,
          "{{ end }}",
        ].join("\n"),
      },
    },
  };
}

/** Where the API server gets logs from. */
export interface LogServer {
  /** What was asked for, each a path with its query. */
  asked: string[];
  stop(): void;
}

/**
 * Serves the logs of the containers of all nodes, as their kubelets would: the API server asks there.
 *
 * @param text of each container's last run
 */
export async function serveLogs(kube: KubeClient, text: string): Promise<LogServer> {
  const authority = await createAuthority("kubelets");
  const { certificate, key } = await authority.server(["127.0.0.1"]);
  const asked: string[] = [];
  const server: Server = createServer({ cert: certificate, key }, ({ url = "" }, response) => {
    asked.push(url);
    const lines = text.trimEnd().split("\n");
    const tail = Number(new URL(url, "https://kubelet").searchParams.get("tailLines"));
    response.end(`${lines.slice(-tail).join("\n")}\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  for (const { metadata } of await kube.list("v1", "Node")) {
    await kube.send(`/api/v1/nodes/${metadata.name}/status`, {
      method: "PATCH",
      contentType: "application/merge-patch+json",
      body: { status },
    });
  }
  return { asked, stop: () => server.close() };
}
