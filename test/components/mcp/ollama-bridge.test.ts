import { describe, expect, test } from "@jest/globals";
import { OllamaBridge, type OllamaBridgeArgs } from "../../../components/mcp/ollama-bridge";
import { objectNamed, objectNames, recorded } from "../../support/recorded";

const resources = { requests: { cpu: "50m", memory: "128Mi" }, limits: { cpu: "500m", memory: "512Mi" } };
const ARGS: OllamaBridgeArgs = {
  namespace: { name: "noetl", created: "noetl" },
  image: "ghcr.io/noetl/noetl:v2.35.9",
  replicas: 1,
  port: 8765,
  timeout: 120,
  ollama: { url: "http://ollama.example.com:11434" },
  resources,
};
const OWN = {
  ollama: {
    image: "docker.io/ollama/ollama:0.12.6",
    model: "gemma3:4b",
    storage: "20Gi",
    storageClass: "standard",
    resources,
  },
};

async function render(args: Partial<OllamaBridgeArgs> = {}) {
  return recorded(() => new OllamaBridge("ollama-bridge", { ...ARGS, ...args }));
}

interface Pod {
  automountServiceAccountToken: boolean;
  securityContext: object;
  initContainers?: { command: string[]; env: object[] }[];
  containers: { command?: string[]; env: object[]; securityContext: object; readinessProbe: object }[];
}

async function podOf(name: string, args: Partial<OllamaBridgeArgs> = {}): Promise<Pod> {
  return (objectNamed(await render(args), name).spec as unknown as { template: { spec: Pod } }).template.spec;
}

describe("OllamaBridge", () => {
  test("given an Ollama elsewhere, it is the bridge alone", async () => {
    expect(objectNames(await render())).toEqual([
      "Deployment/ollama-bridge",
      "Service/ollama-bridge",
      "ServiceAccount/ollama-bridge",
    ]);
  });

  test("runs its module of the Python package, restricted, with what it reads", async () => {
    const pod = await podOf("Deployment/ollama-bridge");
    expect(pod.containers[0]?.command).toEqual(["python", "-m", "noetl.tools.ollama_bridge"]);
    expect(pod.containers[0]?.env).toEqual([
      { name: "OLLAMA_URL", value: "http://ollama.example.com:11434" },
      { name: "OLLAMA_TIMEOUT_SECONDS", value: "120" },
      { name: "OLLAMA_BRIDGE_HOST", value: "0.0.0.0" },
      { name: "OLLAMA_BRIDGE_PORT", value: "8765" },
      { name: "HOME", value: "/tmp" },
    ]);
    expect(pod.containers[0]?.readinessProbe).toEqual({
      httpGet: { path: "/healthz", port: "jsonrpc" },
      initialDelaySeconds: 5,
      periodSeconds: 10,
      timeoutSeconds: 3,
      failureThreshold: 6,
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.containers[0]?.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    });
  });

  test("given an Ollama of its own, it asks that one, whose models lie on a volume", async () => {
    const graph = await render(OWN);
    expect(objectNames(graph).filter((name) => name.endsWith("/ollama"))).toEqual([
      "Service/ollama",
      "ServiceAccount/ollama",
      "StatefulSet/ollama",
    ]);
    expect(objectNamed(graph, "StatefulSet/ollama").spec).toMatchObject({
      replicas: 1,
      volumeClaimTemplates: [
        {
          metadata: { name: "ollama-data" },
          spec: { storageClassName: "standard", resources: { requests: { storage: "20Gi" } } },
        },
      ],
    });
    const bridge = await podOf("Deployment/ollama-bridge", OWN);
    expect(bridge.containers[0]?.env).toContainEqual({
      name: "OLLAMA_URL",
      value: "http://ollama.noetl.svc.cluster.local:11434",
    });
  });

  test("given an Ollama of its own, it pulls its model before it serves, once", async () => {
    const pod = await podOf("StatefulSet/ollama", OWN);
    expect(pod.securityContext).toMatchObject({ runAsUser: 65534, fsGroup: 65534 });
    expect(pod.initContainers?.[0]?.env).toContainEqual({ name: "MODEL", value: "gemma3:4b" });
    expect(pod.initContainers?.[0]?.command[2]).toContain(
      'ollama show "$MODEL" >/dev/null 2>&1 || ollama pull "$MODEL"',
    );
    expect(pod.containers[0]?.env).toEqual([
      { name: "OLLAMA_HOST", value: "0.0.0.0:11434" },
      { name: "HOME", value: "/data" },
      { name: "OLLAMA_MODELS", value: "/data/models" },
    ]);
  });
});
