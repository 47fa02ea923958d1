import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { ensureTool, type ToolPath } from "../../../tools/find";
import { createAuthority } from "../cluster/certificates";
import type { Cluster } from "../cluster/cluster";
import { type KubeObject, refOf } from "../support/objects";
import { freePort } from "../support/ports";
import type { SupervisedProcess } from "../support/supervisor";
import { waitFor } from "../support/wait";

const NAMESPACE = "keda";
const SERVICE = "keda-metrics-apiserver";
const API_VERSION = "external.metrics.k8s.io/v1beta1";

/** The KEDA operator and its metrics adapter, for one cluster; they end with it. */
export interface RunningKeda {
  operator: SupervisedProcess;
  adapter: SupervisedProcess;
}

/**
 * Starts the real KEDA beside a cluster: definitions, operator, adapter, and the aggregated API through which the
 * controller manager asks for metrics.
 *
 * @param proxy HTTP proxy through which the operator reaches what is in the cluster's network
 * @throws Error when it does not come up, with the end of its log
 */
export async function startKeda(cluster: Cluster, proxy: string): Promise<RunningKeda> {
  const [operatorTool, adapterTool] = [await tool("keda-operator"), await tool("keda-adapter")];
  const { kube, kubeconfigPath } = cluster;
  await kube.applyAll([namespace(), ...definitions(operatorTool)]);

  const certificates = join(cluster.folder, "keda-certificates");
  const authority = await createAuthority("keda");
  const own = await authority.peer([`${SERVICE}.${NAMESPACE}.svc`, "localhost", "127.0.0.1"]);
  mkdirSync(certificates);
  writeFileSync(join(certificates, "ca.crt"), authority.certificate);
  writeFileSync(join(certificates, "tls.crt"), own.certificate);
  writeFileSync(join(certificates, "tls.key"), own.key, { mode: 0o600 });

  const [grpc, health, metrics, adapterPort, adapterMetrics] = await Promise.all(
    Array.from({ length: 5 }, () => freePort()),
  );
  const environment = {
    HOME: cluster.folder,
    KUBECONFIG: kubeconfigPath,
    POD_NAMESPACE: NAMESPACE,
    KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE,
    WATCH_NAMESPACE: "",
    HTTP_PROXY: proxy,
    NO_PROXY: "localhost,127.0.0.1",
  };
  const operator = await cluster.run({
    name: "keda-operator",
    command: operatorTool.path,
    arguments: [
      `--cert-dir=${certificates}`,
      `--metrics-service-bind-address=127.0.0.1:${grpc ?? 0}`,
      `--health-probe-bind-address=127.0.0.1:${health ?? 0}`,
      `--metrics-bind-address=127.0.0.1:${metrics ?? 0}`,
      "--enable-webhook-patching=false",
      "--enable-apiservice-patching=false",
      "--kube-api-qps=500",
      "--kube-api-burst=1000",
      "--zap-log-level=debug",
    ],
    environment,
  });
  const adapter = await cluster.run({
    name: "keda-adapter",
    command: adapterTool.path,
    arguments: [
      `--metrics-service-address=localhost:${grpc ?? 0}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${adapterPort ?? 0}`,
      `--port=${adapterMetrics ?? 0}`,
      `--cert-dir=${certificates}`,
      `--tls-cert-file=${join(certificates, "tls.crt")}`,
      `--tls-private-key-file=${join(certificates, "tls.key")}`,
      `--lister-kubeconfig=${kubeconfigPath}`,
      `--authentication-kubeconfig=${kubeconfigPath}`,
      `--authorization-kubeconfig=${kubeconfigPath}`,
    ],
    environment,
  });
  const service = aggregated(adapterPort ?? 0, authority.certificate);
  await kube.applyAll(service.objects);
  try {
    await kube.untilReady(refOf(service.api));
    // The controller manager asks for it by name.
    await waitFor("KEDA's metrics", async () => {
      const answer = await kube.send(`/apis/${API_VERSION}`).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
  } catch (error) {
    const logs = [operator, adapter].map(({ name, log }) => `${name}:\n${readFileSync(log, "utf8").slice(-3000)}`);
    throw new Error([(error as Error).message, ...logs].join("\n"), { cause: error });
  }
  return { operator, adapter };
}

async function tool(name: "keda-operator" | "keda-adapter"): Promise<ToolPath> {
  const found = await ensureTool(name);
  if (!found.found) throw new Error(`${name}: ${found.reason}`);
  return found;
}

function namespace(): KubeObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } };
}

/** All of KEDA's own: the operator waits for each kind that it watches. */
function definitions({ files = "" }: ToolPath): KubeObject[] {
  return readdirSync(files).flatMap((file) =>
    parseAllDocuments(readFileSync(join(files, file), "utf8")).map((document) => document.toJS() as KubeObject),
  );
}

function aggregated(port: number, ca: string): { objects: KubeObject[]; api: KubeObject } {
  const [group = "", version = ""] = API_VERSION.split("/");
  const api: KubeObject = {
    apiVersion: "apiregistration.k8s.io/v1",
    kind: "APIService",
    metadata: { name: `${version}.${group}` },
    spec: {
      group,
      version,
      service: { name: SERVICE, namespace: NAMESPACE, port },
      caBundle: Buffer.from(ca).toString("base64"),
      groupPriorityMinimum: 100,
      versionPriority: 100,
    },
  };
  const service: KubeObject = {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: SERVICE, namespace: NAMESPACE },
    spec: { type: "ExternalName", externalName: "localhost" },
  };
  return { objects: [service, api], api };
}
