import type * as k8s from "@pulumi/kubernetes";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { literal, type EnvVar } from "../kubernetes/env";
import { selector } from "../kubernetes/labels";
import { HELPER_RESOURCES, NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import { reloaderAnnotations } from "../tls/pod-tls";
import { curlOptions, podTlsOf, type ClientTls } from "./client-tls";
import type { ServerConnection } from "./server";
import { PROXY_URL, serverProxy, toServer } from "./server-proxy";
import { workerEnv } from "./worker-env";
import { metricsPort, metricsServiceName, workerLabels, type WorkerComponent, type WorkerFacts } from "./worker-facts";

type Container = k8s.types.input.core.v1.Container;

/** What distinguishes the pods of a privileged pool from those of any other. */
export interface PoolVariant {
  component: WorkerComponent;
  /** Variables besides those of every worker. */
  env: readonly EnvVar[];
  /** Whether the pods carry their account's token. */
  token: boolean;
  /**
   * Whether parts of the worker that can present no certificate speak to the server: what fetches WASM modules, the
   * materializer, and tool `http` of system playbooks.
   */
  needsProxy: boolean;
}

/** The variant of a pool that anybody's playbooks run in. */
export function ordinary({ runsJobs }: WorkerFacts): PoolVariant {
  return { component: "worker", env: [], token: runsJobs, needsProxy: false };
}

export function metadata(facts: WorkerFacts, component: WorkerComponent, name = facts.name) {
  return { name, namespace: facts.namespace.created, labels: workerLabels(facts, component) };
}

export function metricsService(facts: WorkerFacts, { component }: PoolVariant): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, component, metricsServiceName(facts.name)),
    spec: {
      clusterIP: "None",
      selector: selector(facts.name),
      ports: [{ name: "metrics", port: metricsPort(facts.runtime.kind), targetPort: "metrics" }],
    },
  };
}

/** Whether there may be several pods, so that a drain could take all at once. */
export function isShared({ replicas }: Pick<WorkerFacts, "replicas">): boolean {
  return replicas === "autoscaled" || replicas > 1;
}

export function disruptionBudget(
  facts: WorkerFacts,
  { component }: PoolVariant,
): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts, component), facts.name);
}

export function deployment(facts: WorkerFacts, variant: PoolVariant): k8s.apps.v1.DeploymentArgs {
  const port = metricsPort(facts.runtime.kind);
  const tls = podTlsOf(facts.tls);
  const flight = facts.flight?.tls;
  const reload = reloaderAnnotations(tls, ...(flight ? [flight] : []));
  return {
    metadata: {
      ...metadata(facts, variant.component),
      ...(Object.keys(reload).length > 0 && { annotations: reload }),
    },
    spec: {
      ...(facts.replicas !== "autoscaled" && { replicas: facts.replicas }),
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: {
          labels: workerLabels(facts, variant.component),
          annotations: { ...scraped(port), ...tls.podAnnotations, ...facts.flight?.podAnnotations },
        },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: facts.name,
          automountServiceAccountToken: variant.token,
          terminationGracePeriodSeconds: facts.terminationGracePeriod,
          ...(isShared(facts) && { topologySpreadConstraints: spreadOver(facts.name, "zone", "node") }),
          initContainers: [
            ...tls.initContainers,
            ...(flight?.initContainers ?? []),
            ...proxyOf(facts, variant),
            waitForServer(facts),
          ],
          containers: [workerContainer(facts, variant)],
          volumes: [
            { name: "shm", emptyDir: { medium: "Memory", sizeLimit: facts.sharedMemory } },
            { name: "tmp", emptyDir: {} },
            ...(facts.runtime.kind === "python" ? [{ name: "data", emptyDir: {} }] : []),
            ...tls.volumes,
            ...(flight?.volumes ?? []),
          ],
        },
      },
    },
  };
}

function isProxied({ tls }: WorkerFacts, { needsProxy }: PoolVariant): boolean {
  return tls !== undefined && needsProxy;
}

function proxyOf(facts: WorkerFacts, variant: PoolVariant): Container[] {
  if (!facts.tls || !isProxied(facts, variant)) return [];
  return [serverProxy(facts.tls.proxyImage, [toServer(facts.server.url)], podTlsOf(facts.tls))];
}

/** Annotations by which Prometheus finds a pod. */
export function scraped(port: number): Record<string, string> {
  return {
    "prometheus.io/scrape": "true",
    "prometheus.io/path": "/metrics",
    "prometheus.io/port": String(port),
  };
}

/** A worker that finds no server exits at once; waiting here keeps its pod out of CrashLoopBackOff. */
export function waitForServer({
  server,
  tls,
  curlImage,
}: {
  server: ServerConnection;
  tls?: ClientTls | undefined;
  curlImage: string;
}): Container {
  const url = `${server.url}${server.readyPath}`;
  return {
    name: "wait-for-server",
    image: curlImage,
    command: [
      "sh",
      "-c",
      `until curl --fail --silent --show-error --max-time 5 --output /dev/null${curlOptions(tls)} "$SERVER_READY"; do sleep 3; done`,
    ],
    env: [literal("SERVER_READY", url)],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    ...(tls && { volumeMounts: [...podTlsOf(tls).volumeMounts] }),
  };
}

/** Liveness and readiness by the metrics port: a worker opens it once it has registered at the server. */
export function metricsProbes(): Pick<Container, "livenessProbe" | "readinessProbe"> {
  return {
    livenessProbe: { tcpSocket: { port: "metrics" }, initialDelaySeconds: 20, periodSeconds: 15, failureThreshold: 6 },
    readinessProbe: { tcpSocket: { port: "metrics" }, initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 6 },
  };
}

function workerContainer(facts: WorkerFacts, variant: PoolVariant): Container {
  const isPython = facts.runtime.kind === "python";
  return {
    name: "worker",
    image: facts.image,
    ...(isPython && { command: ["python", "-m", "noetl.worker"] }),
    ports: [{ name: "metrics", containerPort: metricsPort(facts.runtime.kind) }],
    env: [
      ...workerEnv(isProxied(facts, variant) ? { ...facts, server: { ...facts.server, url: PROXY_URL } } : facts),
      ...variant.env,
    ],
    resources: resourceRequirements(facts.resources),
    ...metricsProbes(),
    ...(!isPython && { lifecycle: { preStop: { exec: { command: ["sh", "-c", UNTIL_IDLE] } } } }),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "shm", mountPath: "/dev/shm" },
      { name: "tmp", mountPath: "/tmp" },
      ...(isPython ? [{ name: "data", mountPath: "/opt/noetl/data" }] : []),
      ...podTlsOf(facts.tls).volumeMounts,
      ...(facts.flight?.tls?.volumeMounts ?? []),
    ],
  };
}

/**
 * Ends when the worker holds no command, or answers no more. The published worker ends at once on SIGTERM and leaves the
 * commands it holds unfinished for ever: they are acknowledged when claimed, so nobody delivers them again.
 */
const UNTIL_IDLE = `while wget -q -T 5 -O - http://127.0.0.1:${metricsPort("rust")}/metrics | grep -q '^noetl_worker_concurrent_dispatches [1-9]'; do sleep 1; done`;
