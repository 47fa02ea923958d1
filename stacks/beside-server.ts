import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../components/kubernetes/namespaces";
import { OllamaBridge } from "../components/mcp/ollama-bridge";
import type { NatsConnection } from "../components/nats/connection";
import type { ClientTls } from "../components/noetl/client-tls";
import { Gateway } from "../components/noetl/gateway";
import type { RuntimeSecretKeys } from "../components/noetl/runtime-secrets";
import type { ServerConnection } from "../components/noetl/server";
import type { PlatformSpec } from "./profile";
import { forLoadBalancer, GatewayIngress } from "../components/gcp/ingress";
import { IMAGES } from "./versions";

/** What they are made with. */
export interface Runtime {
  namespace: Namespace;
  server: ServerConnection;
  nats: NatsConnection;
  keys: RuntimeSecretKeys;
  /** Certificate of the gateway. Default: plain HTTP. */
  gatewayTls: ClientTls | undefined;
}

/** The gateway and the Ollama bridge, where the stack has them. */
export function besideServer(
  { gateway, ollamaBridge, traits, gcp }: PlatformSpec,
  runtime: Runtime,
  opts: pulumi.ComponentResourceOptions,
): void {
  const { namespace, server, nats, keys, gatewayTls: tls } = runtime;
  if (gateway) {
    new Gateway(
      gateway.name,
      {
        ...gateway,
        settings: gateway,
        namespace,
        server,
        nats,
        secrets: keys,
        tls,
        nodePort: traits.nodePorts?.gateway,
        natsBoxImage: IMAGES.natsBox,
        ...(gcp?.ingress && { transform: { service: forLoadBalancer } }),
      },
      opts,
    );
    if (gcp?.ingress) {
      const service = { name: gateway.name, port: gateway.port };
      new GatewayIngress("gateway-ingress", { ...gcp.ingress, namespace, service }, opts);
    }
  }
  if (ollamaBridge) {
    const { ollamaUrl: url, backend } = ollamaBridge;
    if (backend === undefined && url === undefined) throw new Error("no Ollama; the schema's rules demand one");
    const ollama = backend ? { ...backend, storageClass: traits.storageClass } : { url: url ?? "" };
    new OllamaBridge("ollama-bridge", { ...ollamaBridge, namespace, ollama }, opts);
  }
}
