import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import * as manifests from "./python-server-manifests";

export interface PythonServerArgs extends manifests.PythonServerFacts {
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * The server of old, in Python, beside the one in Rust: it alone serves Arrow Flight. One pod, Deployment
 * `noetl-server`, behind Service `noetl`.
 */
export class PythonServer extends pulumi.ComponentResource {
  /** Base URL of its API, without a slash at the end. */
  readonly url: string;
  /** Where clients find Flight: `https://…` with TLS. */
  readonly flightUrl: string;

  constructor(name: string, args: PythonServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:noetl:PythonServer", name, {}, opts);
    const child = { parent: this };
    const { flight, namespace, transform } = args;

    new k8s.core.v1.ServiceAccount(manifests.NAME, manifests.serviceAccount(args), child);
    new k8s.core.v1.Service(manifests.SERVICE, apply(transform?.service, manifests.service(args)), child);
    const deployment = apply(transform?.deployment, manifests.deployment(args));
    new k8s.apps.v1.Deployment(manifests.NAME, deployment, {
      ...child,
      dependsOn: [...(flight?.side.dependsOn ?? [])],
    });

    const host = `${manifests.SERVICE}.${namespace.name}.svc.cluster.local`;
    this.url = `http://${host}:${manifests.HTTP_PORT}`;
    this.flightUrl = `${flight?.side.tls ? "https" : "http"}://${host}:${manifests.FLIGHT_PORT}`;
    this.registerOutputs();
  }
}
