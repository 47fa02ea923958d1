import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { CLEANUP_NAME, cleanupCronJob, type CleanupSettings } from "./scheduled-cleanup";
import { systemEnv, type MaterializerSettings, type StateBuilderSettings } from "./system-env";
import { issued } from "./client-tls";
import { readsSecret, role, roleBinding, serviceAccount } from "./worker-access";
import { consumersOf, metricsServiceName, type WorkerFacts } from "./worker-facts";
import * as manifests from "./worker-manifests";

export interface SystemWorkerPoolArgs extends Omit<WorkerFacts, "name" | "runtime" | "runsJobs"> {
  materializer: MaterializerSettings;
  stateBuilder: StateBuilderSettings;
  /** The scheduled cleanup. Default: none. */
  cleanup?: CleanupSettings | undefined;
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * The privileged pool: it takes the commands of segment `system`, which the server sends between the steps of every
 * playbook (`system/orchestrate`, a WASM module that it fetches from the server) and for playbooks below `system/`. It
 * alone has the internal API token. Its account may read the Secret of that token and nothing else; its pods carry no
 * Kubernetes token.
 *
 * `name` is the physical name of Deployment and ServiceAccount.
 */
export class SystemWorkerPool extends pulumi.ComponentResource {
  /** Service that names each pod's metrics port. */
  readonly metricsServiceName: string;
  /** Durable consumers that the pool pulls from: what an autoscaler measures. */
  readonly consumers: readonly string[];

  constructor(name: string, args: SystemWorkerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    // It was an ordinary pool before: what runs is kept, not made a second time under its name.
    const aliases = [{ type: "noetl:noetl:WorkerPool" }];
    super("noetl:noetl:SystemWorkerPool", name, {}, pulumi.mergeOptions(opts, { aliases }));
    const child = { parent: this };
    const { namespace, secrets, transform } = args;
    const token = { variable: "NOETL_INTERNAL_API_TOKEN", from: secrets.internalApiToken };
    const facts: WorkerFacts = {
      ...args,
      name,
      runtime: { kind: "rust", filterSubject: `${args.subject}.system.>` },
      runsJobs: false,
      keychain: [token, ...(args.keychain ?? [])],
    };
    const variant: manifests.PoolVariant = {
      component: "system-worker",
      env: systemEnv(args.materializer, args.stateBuilder),
      token: false,
      needsProxy: true,
    };
    const metadata = manifests.metadata(facts, variant.component);
    this.metricsServiceName = metricsServiceName(name);
    this.consumers = consumersOf(facts);

    new k8s.core.v1.ServiceAccount(name, serviceAccount(metadata), child);
    new k8s.rbac.v1.Role(name, role(metadata, readsSecret(secrets.internalApiToken.secret)), child);
    new k8s.rbac.v1.RoleBinding(name, roleBinding(metadata, name, namespace.name), child);
    new k8s.core.v1.Service(name, apply(transform?.service, manifests.metricsService(facts, variant)), child);
    if (manifests.isShared(facts)) {
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(facts, variant), child);
    }
    new k8s.apps.v1.Deployment(name, apply(transform?.deployment, manifests.deployment(facts, variant)), {
      ...child,
      dependsOn: issued(args.tls),
    });
    if (args.cleanup) new k8s.batch.v1.CronJob(CLEANUP_NAME, cleanupCronJob({ ...args, ...args.cleanup }), child);
    this.registerOutputs();
  }
}
