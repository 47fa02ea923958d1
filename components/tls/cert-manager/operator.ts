import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { chartRelease, type ChartReference } from "../../kubernetes/chart";
import type { Namespace } from "../../kubernetes/namespaces";
import { resourceRequirements, type ResourceAmounts } from "../../kubernetes/resources";
import { apply, type Transform } from "../../kubernetes/transform";

/** Names of the chart's workloads, which their pods have as label `app`. */
export const CERT_MANAGER_APPS = {
  controller: "cert-manager",
  webhook: "webhook",
  caInjector: "cainjector",
  startupCheck: "startupapicheck",
} as const;

/** Port of the webhook's pods. GKE lets the API server of a private cluster reach this one without a firewall rule. */
export const WEBHOOK_PORT = 10250;
/** Port of each part's metrics. */
export const CERT_MANAGER_METRICS_PORT = 9402;

/** What the operator is like. */
export interface CertManagerOperatorFacts {
  namespace: Namespace;
  chart: ChartReference;
  /** Pods each of controller, webhook and CA injector. With more than one, a PodDisruptionBudget keeps one of each. */
  replicas: number;
  /** 0 to 6: errors only, to everything. 2 tells of each certificate that is made. */
  logLevel: number;
  /** Whether each part serves /metrics on port 9402: the days that certificates have left. */
  metrics: boolean;
  /** CPU and memory of a pod, whichever part's. */
  resources: ResourceAmounts;
}

export interface CertManagerOperatorArgs extends CertManagerOperatorFacts {
  /** Escape hatch: gets the release that was made and returns what it shall be. */
  transform?: { release?: Transform<k8s.helm.v3.ReleaseArgs> };
}

/**
 * cert-manager, by its own Helm chart: controller, webhook, CA injector and their CRDs. A cluster has one at most:
 * leave it out where there is one already.
 *
 * The release is there once the chart's own check could ask the webhook, so that what depends on it is admitted.
 */
export class CertManagerOperator extends pulumi.ComponentResource {
  constructor(name: string, args: CertManagerOperatorArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:CertManagerOperator", name, {}, opts);
    const release = chartRelease(name, args, operatorValues(args));
    new k8s.helm.v3.Release(name, apply(args.transform?.release, release), { parent: this });
    this.registerOutputs();
  }
}

/** The values that matter here; all others are the chart's, which keep to the *restricted* level of Pod Security. */
function operatorValues({ namespace, replicas, logLevel, metrics, resources }: CertManagerOperatorFacts) {
  const pods = {
    replicaCount: replicas,
    podDisruptionBudget: { enabled: replicas > 1 },
    resources: resourceRequirements(resources),
  };
  return {
    // Without the release they stay, or every certificate of the cluster would go with them.
    crds: { enabled: true, keep: true },
    // The chart's default, kube-system, is closed to everybody on GKE Autopilot.
    global: { leaderElection: { namespace: namespace.name }, logLevel },
    prometheus: { enabled: metrics },
    ...pods,
    webhook: { ...pods, securePort: WEBHOOK_PORT },
    cainjector: pods,
    startupapicheck: { resources: pods.resources },
  };
}
