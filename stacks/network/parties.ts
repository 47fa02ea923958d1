import { NAME as PGBOUNCER } from "../../components/database/pgbouncer-manifests";
import { NAME as POSTGRES } from "../../components/database/postgres-manifests";
import { SCHEMA } from "../../components/database/names";
import { selector } from "../../components/kubernetes/labels";
import { FIRESTORE_AGENT } from "../../components/mcp/firestore-agent-manifests";
import { OLLAMA } from "../../components/mcp/ollama-manifests";
import { pods, type Pods } from "../../components/network/flow";
import { ORCHESTRATOR } from "../../components/orchestrator/facts";
import { CERT_MANAGER_APPS } from "../../components/tls/cert-manager/operator";
import { memberName } from "../../components/nats/supercluster-facts";
import { NAME as PYTHON_SERVER } from "../../components/noetl/python-server-manifests";
import { CLEANUP_NAME } from "../../components/noetl/scheduled-cleanup";
import type { PlatformConfig } from "../schema";
import { SUPERCLUSTER } from "../namespaces";

/** Sections of a stack file that decide which workloads there are. */
export type Populated = Pick<
  PlatformConfig,
  | "server"
  | "systemPool"
  | "workerPools"
  | "subscriptions"
  | "gateway"
  | "ollamaBridge"
  | "firestoreAgent"
  | "orchestrator"
  | "pythonServer"
  | "postgres"
  | "pgbouncer"
  | "natsSupercluster"
  | "keda"
  | "certManager"
>;

/** The workloads of a platform as ends of flows; undefined for those that it does not have. */
export function partiesOf(config: Populated) {
  const { server, gateway, systemPool, workerPools, subscriptions, ollamaBridge, firestoreAgent } = config;
  const { postgres, pgbouncer, keda, certManager } = config;
  const certManagerPods = (app: string) =>
    when(certManager.install === true, pods(partyOfCertManager(app), certManager.namespace, selector(app)));
  return {
    server: inNoetl("server", selector(server.name)),
    gateway: gateway && inNoetl("gateway", selector(gateway.name)),
    // All pools but the system pool: playbooks run in them, and all may reach the same.
    workers: when(workerPools.length > 0, inNoetl("workers", { component: "worker" })),
    systemPool: inNoetl("system-pool", selector(systemPool.name)),
    subscriptions: when(subscriptions.length > 0, inNoetl("subscriptions", { component: "subscription-runtime" })),
    cleanup: when(systemPool.cleanup.enabled, inNoetl("cleanup", selector(CLEANUP_NAME))),
    // What playbooks start has labels of its own: it is whatever is in the namespace and no part of the platform.
    playbookJobs: when(
      workerPools.some(({ runsJobs }) => runsJobs),
      pods("playbook-jobs", "noetl", {}, "app.kubernetes.io/part-of"),
    ),
    pythonServer: when(config.pythonServer !== undefined, inNoetl("python-server", selector(PYTHON_SERVER))),
    ollamaBridge: when(ollamaBridge !== undefined, inNoetl("ollama-bridge", selector("ollama-bridge"))),
    ollama: when(ollamaBridge?.backend !== undefined, inNoetl("ollama", selector(OLLAMA))),
    firestoreAgent: when(firestoreAgent !== undefined, inNoetl(FIRESTORE_AGENT, selector(FIRESTORE_AGENT))),
    orchestrator: when(config.orchestrator !== undefined, inNoetl("orchestrator", selector(ORCHESTRATOR))),
    nats: pods("nats", "nats", selector("nats")),
    postgres: when(postgres.mode === "inCluster", pods("postgres", "postgres", selector(POSTGRES))),
    pgbouncer: when(pgbouncer !== undefined, pods("pgbouncer", "postgres", selector(PGBOUNCER))),
    schema: pods("schema", "postgres", selector(SCHEMA)),
    kedaOperator: inKeda(config, "keda-operator"),
    kedaMetrics: when(keda.install === true, inKeda(config, "keda-operator-metrics-apiserver")),
    kedaWebhooks: when(keda.install === true, inKeda(config, "keda-admission-webhooks")),
    certManager: certManagerPods(CERT_MANAGER_APPS.controller),
    certManagerWebhook: certManagerPods(CERT_MANAGER_APPS.webhook),
    certManagerInjector: certManagerPods(CERT_MANAGER_APPS.caInjector),
    certManagerCheck: certManagerPods(CERT_MANAGER_APPS.startupCheck),
  };
}

/** The servers of one cluster of the supercluster. */
export function memberOf(cluster: string): Pods {
  return pods(memberName(cluster), SUPERCLUSTER, selector(memberName(cluster)));
}

/** Every workload of a platform, as a stack file may name it. */
export function workloadsOf(config: Populated): Pods[] {
  const { natsSupercluster: supercluster } = config;
  const members = supercluster.topology === "none" ? [] : supercluster.clusters.map(({ name }) => memberOf(name));
  return [...Object.values(partiesOf(config)).flatMap((party) => party ?? []), ...members];
}

function inNoetl(name: string, labels: Record<string, string>): Pods {
  return pods(name, "noetl", labels);
}

/** Pods of KEDA's chart. */
function inKeda({ keda }: Pick<Populated, "keda">, app: string): Pods {
  return pods(app, keda.namespace, selector(app));
}

/** `webhook` alone would say too little in a table of the whole platform. */
function partyOfCertManager(app: string): string {
  return app === CERT_MANAGER_APPS.controller ? app : `cert-manager-${app}`;
}

function when<T>(condition: boolean, value: T): T | undefined {
  return condition ? value : undefined;
}
