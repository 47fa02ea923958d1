import type * as k8s from "@pulumi/kubernetes";
import { fromField, fromSecret, literal, type EnvVar } from "../kubernetes/env";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { HELPER_RESOURCES, NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import type { NatsConnection } from "../nats/connection";
import { reloaderAnnotations } from "../tls/pod-tls";
import { curlOptions, podTlsOf, type ClientTls } from "./client-tls";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import type { ServerConnection } from "./server";
import { clientTlsEnv } from "./worker-env";
import { metricsPort, metricsServiceName } from "./worker-facts";
import { metricsProbes, scraped, waitForServer } from "./worker-manifests";

type Container = k8s.types.input.core.v1.Container;

/** What a subscription runtime is made from. Durations are seconds. */
export interface SubscriptionFacts {
  /** Name of Deployment and ServiceAccount, and the pod's `app` label. */
  name: string;
  namespace: Namespace;
  /** The Rust worker's image: a subscription runtime is another mode of it. */
  image: string;
  /** Catalog path of the `kind: Subscription` that it serves. */
  path: string;
  /** Time to hand on what it has fetched, and to deactivate the subscription. */
  terminationGracePeriod: number;
  rustLog?: string | undefined;
  resources: ResourceAmounts;
  server: ServerConnection;
  /** Certificate for the server, and what NATS is known by. Default: plain HTTP. */
  tls?: ClientTls | undefined;
  /** Where a subscription with a spool keeps what it cannot hand on. */
  nats: Pick<NatsConnection, "url" | "user" | "tls">;
  secrets: RuntimeSecretKeys;
  /** Image with `curl`, for the init containers that wait. */
  curlImage: string;
}

const PORT = metricsPort("rust");

export function metadata({ name: app, namespace }: SubscriptionFacts, name = app) {
  return { name, namespace: namespace.created, labels: podLabels(app) };
}

function podLabels(app: string): Record<string, string> {
  return labels({ app, component: "subscription-runtime", extra: { runtime: "rust" } });
}

export function metricsService(facts: SubscriptionFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts, metricsServiceName(facts.name)),
    spec: {
      clusterIP: "None",
      selector: selector(facts.name),
      ports: [{ name: "metrics", port: PORT, targetPort: "metrics" }],
    },
  };
}

/** One pod, and never two: the one that ends would deactivate the subscription of the one that begins. */
export function deployment(facts: SubscriptionFacts): k8s.apps.v1.DeploymentArgs {
  const tls = podTlsOf(facts.tls);
  const reload = reloaderAnnotations(tls);
  return {
    metadata: { ...metadata(facts), ...(Object.keys(reload).length > 0 && { annotations: reload }) },
    spec: {
      replicas: 1,
      strategy: { type: "Recreate" },
      selector: { matchLabels: selector(facts.name) },
      template: {
        metadata: { labels: podLabels(facts.name), annotations: { ...scraped(PORT), ...tls.podAnnotations } },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: facts.name,
          terminationGracePeriodSeconds: facts.terminationGracePeriod,
          initContainers: [...tls.initContainers, waitForServer(facts), waitForSubscription(facts)],
          containers: [runtimeContainer(facts)],
          volumes: [{ name: "tmp", emptyDir: {} }, ...tls.volumes],
        },
      },
    },
  };
}

/** A runtime that does not find its subscription exits; people register subscriptions after the platform is there. */
function waitForSubscription({ server, tls, path, curlImage }: SubscriptionFacts): Container {
  return {
    name: "wait-for-subscription",
    image: curlImage,
    command: [
      "sh",
      "-c",
      `until curl --fail --silent --show-error --max-time 5 --output /dev/null --header 'Content-Type: application/json' --data "$WANTED"${curlOptions(tls)} "$CATALOG"; do sleep 5; done`,
    ],
    env: [
      literal("CATALOG", `${server.url}/api/catalog/resource`),
      literal("WANTED", JSON.stringify({ path, version: "latest" })),
    ],
    resources: HELPER_RESOURCES,
    securityContext: RESTRICTED_CONTAINER,
    ...(tls && { volumeMounts: [...podTlsOf(tls).volumeMounts] }),
  };
}

function runtimeContainer(facts: SubscriptionFacts): Container {
  return {
    name: "subscription-runtime",
    image: facts.image,
    ports: [{ name: "metrics", containerPort: PORT }],
    env: subscriptionEnv(facts),
    resources: resourceRequirements(facts.resources),
    ...metricsProbes(),
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [{ name: "tmp", mountPath: "/tmp" }, ...podTlsOf(facts.tls).volumeMounts],
  };
}

/** The environment of a subscription runtime. */
function subscriptionEnv(facts: SubscriptionFacts): EnvVar[] {
  return [
    literal("WORKER_MODE", "subscription"),
    literal("NOETL_SUBSCRIPTION_PATH", facts.path),
    fromField("WORKER_ID", "metadata.name"),
    literal("NOETL_SERVER_URL", facts.server.url),
    literal("NATS_URL", facts.nats.url),
    literal("NATS_USER", facts.nats.user),
    fromSecret("NATS_PASSWORD", facts.secrets.natsPassword),
    literal("WORKER_METRICS_BIND", `0.0.0.0:${PORT}`),
    ...clientTlsEnv(facts),
    ...(facts.rustLog === undefined ? [] : [literal("RUST_LOG", facts.rustLog)]),
  ];
}
