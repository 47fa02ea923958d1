import { GlobalAddress } from "@pulumi/gcp/compute/globalAddress";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";

export interface StaticAddressArgs {
  project: string;
  /** Name of the address. */
  address: string;
  /** Labels of it. */
  labels: Record<string, string>;
}

/** A public address of the whole world, for a load balancer. DNS points at it, so it stays when the stack goes. */
export class StaticAddress extends pulumi.ComponentResource {
  constructor(name: string, { project, address, labels }: StaticAddressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:StaticAddress", name, {}, opts);
    new GlobalAddress(
      name,
      { project, name: address, addressType: "EXTERNAL", labels },
      { parent: this, protect: true, retainOnDelete: true },
    );
    this.registerOutputs();
  }
}

export interface GatewayIngressArgs {
  namespace: Namespace;
  /** Host name that people use; its DNS record must point at the address before the certificate is given out. */
  host: string;
  /** Name of the address. */
  address: string;
  /** Service and port behind it. */
  service: { name: string; port: number };
}

const NAME = "noetl-gateway";

/**
 * The way in from the Internet: Google's load balancer with a certificate that Google makes and renews. Plain HTTP is
 * sent to HTTPS, long connections live for an hour.
 */
export class GatewayIngress extends pulumi.ComponentResource {
  /** URL for people. */
  readonly url: string;

  constructor(name: string, args: GatewayIngressArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:GatewayIngress", name, {}, opts);
    const { host, service, address } = args;
    const metadata = (object: string) => ({
      name: object,
      namespace: args.namespace.created,
      labels: labels({ app: NAME, component: "gateway" }),
    });
    const child = { parent: this };
    const custom = (kind: string, apiVersion: string, object: string, spec: object) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${kind.toLowerCase()}`,
        { apiVersion, kind, metadata: metadata(object), spec },
        child,
      );
    custom("ManagedCertificate", "networking.gke.io/v1", CERTIFICATE, { domains: [host] });
    custom("FrontendConfig", "networking.gke.io/v1beta1", NAME, { redirectToHttps: { enabled: true } });
    custom("BackendConfig", "cloud.google.com/v1", NAME, backendSpec(args));
    new k8s.networking.v1.Ingress(
      name,
      {
        metadata: {
          ...metadata(NAME),
          annotations: {
            // GKE's controller still goes by the annotation, and takes no ingressClassName.
            "kubernetes.io/ingress.class": "gce",
            "kubernetes.io/ingress.global-static-ip-name": address,
            "networking.gke.io/managed-certificates": CERTIFICATE,
            "networking.gke.io/v1beta1.FrontendConfig": NAME,
          },
        },
        spec: {
          rules: [
            {
              host,
              http: {
                paths: [
                  {
                    path: "/",
                    pathType: "Prefix",
                    backend: { service: { name: service.name, port: { number: service.port } } },
                  },
                ],
              },
            },
          ],
        },
      },
      child,
    );
    this.url = `https://${host}`;
    this.registerOutputs();
  }
}

const CERTIFICATE = "noetl-managed-cert";

/**
 * What the gateway's Service must say of itself: the load balancer goes straight to the pods, without a hop over a node,
 * and by the BackendConfig.
 */
export function forLoadBalancer(service: k8s.core.v1.ServiceArgs): k8s.core.v1.ServiceArgs {
  const annotations = {
    "cloud.google.com/neg": '{"ingress": true}',
    "cloud.google.com/backend-config": `{"default": "${NAME}"}`,
  };
  return { ...service, metadata: { ...(service.metadata as object), annotations } };
}

/** What the load balancer asks for health, and how long a connection may be silent: answers are streamed for an hour. */
function backendSpec({ service }: GatewayIngressArgs) {
  return {
    timeoutSec: 3600,
    connectionDraining: { drainingTimeoutSec: 60 },
    healthCheck: { type: "HTTP", requestPath: "/health", port: service.port, checkIntervalSec: 10 },
  };
}
