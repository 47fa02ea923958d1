import type * as k8s from "@pulumi/kubernetes";
import { stringify } from "yaml";
import { oneAtATime } from "../kubernetes/disruption-budget";
import { labels, selector } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { NOBODY, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { resourceRequirements, type ResourceAmounts } from "../kubernetes/resources";
import { spreadOver } from "../kubernetes/spread";
import type { NatsConnection } from "../nats/connection";
import { gatewayEnv, type GatewaySettings } from "./gateway-env";
import { reloaderAnnotations } from "../tls/pod-tls";
import { podTlsOf, type ClientTls } from "./client-tls";
import { natsTrustEnv } from "./nats-trust";
import type { RuntimeSecretKeys } from "./runtime-secrets";
import type { ServerConnection } from "./server";
import { PROXY_URL, serverProxy, toServer, toShards } from "./server-proxy";
import { waitForNats } from "./wait-for-nats";

const CONFIG_FILE = "/etc/noetl-gateway/gateway.yaml";

/** What a gateway's pods are made from. */
export interface GatewayFacts {
  /** Name of Deployment, Service and ServiceAccount, and the pods' `app` label. */
  name: string;
  namespace: Namespace;
  image: string;
  replicas: number;
  settings: GatewaySettings;
  resources: ResourceAmounts;
  server: ServerConnection;
  /** Certificate for the server, and what NATS is known by. Default: plain HTTP. */
  tls?: ClientTls | undefined;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
  /** Image with the `nats` command, for the init container that waits for a login. */
  natsBoxImage: string;
}

function metadata({ name, namespace }: Pick<GatewayFacts, "name" | "namespace">) {
  return { name, namespace: namespace.created, labels: labels({ app: name, component: "gateway" }) };
}

export function service(facts: GatewayFacts): k8s.core.v1.ServiceArgs {
  return {
    metadata: metadata(facts),
    spec: { selector: selector(facts.name), ports: [{ name: "http", port: facts.settings.port, targetPort: "http" }] },
  };
}

export function nodePortService(facts: GatewayFacts, nodePort: number): k8s.core.v1.ServiceArgs {
  return {
    metadata: { ...metadata(facts), name: `${facts.name}-ext` },
    spec: {
      type: "NodePort",
      selector: selector(facts.name),
      ports: [{ name: "http", port: facts.settings.port, targetPort: "http", nodePort }],
    },
  };
}

export function serviceAccount(facts: GatewayFacts): k8s.core.v1.ServiceAccountArgs {
  return { metadata: metadata(facts), automountServiceAccountToken: false };
}

export function disruptionBudget(facts: GatewayFacts): k8s.policy.v1.PodDisruptionBudgetArgs {
  return oneAtATime(metadata(facts), facts.name);
}

/**
 * The configuration file: which pod of the server owns which shard. It has no other form; all else are variables.
 *
 * @returns undefined when any pod may answer for any execution.
 */
export function configFile({ server, tls }: Pick<GatewayFacts, "server" | "tls">): string | undefined {
  const { shardUrls = [] } = server;
  if (shardUrls.length === 0) return undefined;
  const urls = tls ? toShards(shardUrls).map(({ from }) => from) : shardUrls;
  return stringify({ noetl: { shards: urls.map((base_url, shard_index) => ({ shard_index, base_url })) } });
}

export function configMap(facts: GatewayFacts, file: string): k8s.core.v1.ConfigMapArgs {
  return { metadata: metadata(facts), data: { "gateway.yaml": file } };
}

/** @param fingerprint Changes with the configuration file, which the gateway reads only at its start. */
export function deployment(facts: GatewayFacts, fingerprint?: string): k8s.apps.v1.DeploymentArgs {
  const { name, settings } = facts;
  const isConfigured = fingerprint !== undefined;
  const tls = podTlsOf(facts.tls);
  const reload = reloaderAnnotations(tls);
  return {
    metadata: { ...metadata(facts), ...(Object.keys(reload).length > 0 && { annotations: reload }) },
    spec: {
      replicas: facts.replicas,
      selector: { matchLabels: selector(name) },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: {
          labels: labels({ app: name, component: "gateway" }),
          annotations: {
            "prometheus.io/scrape": "true",
            "prometheus.io/path": "/metrics",
            "prometheus.io/port": String(settings.port),
            ...(isConfigured && { "noetl.io/config": fingerprint }),
            ...tls.podAnnotations,
          },
        },
        spec: {
          ...restrictedPod({ uid: NOBODY }),
          serviceAccountName: name,
          ...(facts.replicas > 1 && { topologySpreadConstraints: spreadOver(name, "zone", "node") }),
          // Without NATS it exits; without its buckets, which it looks for once, logins and callbacks stay slow or lost.
          initContainers: [...tls.initContainers, ...proxyOf(facts), waitForNats(facts)],
          containers: [container(facts, isConfigured)],
          volumes: [
            { name: "tmp", emptyDir: {} },
            ...(isConfigured ? [{ name: "config", configMap: { name } }] : []),
            ...tls.volumes,
          ],
        },
      },
    },
  };
}

/** The published gateway presents no certificate and has no setting for a root; a proxy in its pod does it for it. */
function proxyOf({ tls, server: { url, shardUrls = [] } }: GatewayFacts): k8s.types.input.core.v1.Container[] {
  return tls ? [serverProxy(tls.proxyImage, [toServer(url), ...toShards(shardUrls)], podTlsOf(tls))] : [];
}

function container(facts: GatewayFacts, isConfigured: boolean): k8s.types.input.core.v1.Container {
  const { paths, volumeMounts } = podTlsOf(facts.tls);
  const health = { httpGet: { path: "/health", port: "http" } };
  return {
    name: "gateway",
    image: facts.image,
    ports: [{ name: "http", containerPort: facts.settings.port }],
    env: [
      ...gatewayEnv({
        settings: facts.settings,
        serverUrl: facts.tls ? PROXY_URL : facts.server.url,
        natsUser: facts.nats.user,
        secrets: facts.secrets,
        configFile: isConfigured ? CONFIG_FILE : undefined,
      }),
      ...natsTrustEnv(facts.nats, paths.ca),
    ],
    resources: resourceRequirements(facts.resources),
    livenessProbe: { ...health, initialDelaySeconds: 10, periodSeconds: 30 },
    readinessProbe: { ...health, initialDelaySeconds: 5, periodSeconds: 10 },
    securityContext: RESTRICTED_CONTAINER,
    volumeMounts: [
      { name: "tmp", mountPath: "/tmp" },
      ...(isConfigured ? [{ name: "config", mountPath: "/etc/noetl-gateway", readOnly: true }] : []),
      ...(facts.nats.tls ? volumeMounts : []),
    ],
  };
}
