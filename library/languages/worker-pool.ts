import * as pulumi from "@pulumi/pulumi";
import { existingNamespace } from "../../components/kubernetes/namespaces";
import { NOETL_USER } from "../../components/nats/accounts";
import { PLATFORM_KEYS } from "../../components/noetl/runtime-secrets";
import { WorkerPool as Pool } from "../../components/noetl/worker-pool";
import { podsOf } from "../../stacks/schema/pools";
import { IMAGES } from "../../stacks/versions";
import { routingOf } from "../../stacks/workers";
import { sectionOf } from "../settings";

export interface WorkerPoolArgs {
  /** Namespace that has the platform's Secrets `noetl-secret`, `noetl-internal-api-token` and `noetl-nats`. */
  namespace: string;
  /** URL of the server: `serverUrl` of a platform. */
  serverUrl: pulumi.Input<string>;
  /** URL of NATS, without credentials: `natsUrl` of a platform. */
  natsUrl: pulumi.Input<string>;
  /** Path at which the server says that it can serve. Default: /api/health. */
  readyPath?: string;
  /** Name the pool registers under. Default: the name of the component. */
  poolName?: string;
  /** Image of the worker. Default: the one that this version is tested with. */
  image?: string;
  /** Pods. Default: 1. */
  replicas?: number;
  /** `rust`, or `python`, which alone runs tool `agent`. Default: rust. */
  runtime?: string;
  /** Part of the command stream that a Rust pool takes: `shared`, `subscription`, `python`, or `own`, which needs consumer and filterSubject. Default: shared. */
  segment?: string;
  /** Durable consumer of this pool. Default: of its segment. */
  consumer?: string;
  /** Commands of this pool, such as noetl.commands.shared.>. Default: of its segment. */
  filterSubject?: string;
  /** Commands a pod works on at once. Default: 4. */
  maxConcurrent?: number;
  /** Whether playbooks may run Kubernetes Jobs. Default: true. */
  runsJobs?: boolean;
}

/** A pool of workers beside a platform that runs. Deployment and ServiceAccount have its name. */
export class WorkerPool extends pulumi.ComponentResource {
  /** Durable consumers that the pool pulls from: what an autoscaler measures. */
  readonly consumers: pulumi.Output<string[]>;
  /** Service that names each pod's metrics port. */
  readonly metricsServiceName: pulumi.Output<string>;

  constructor(name: string, args: WorkerPoolArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:index:WorkerPool", name, {}, opts);
    const { namespace, serverUrl, readyPath = "/api/health", natsUrl, ...given } = args;
    const [settings] = sectionOf(`WorkerPool ${name}`, "workerPools", [
      { poolName: name, segment: "shared", ...given, name },
    ]);
    if (!settings) throw new Error("a list of one came back empty");
    const pool = new Pool(
      name,
      {
        ...settings,
        ...routingOf(settings),
        namespace: existingNamespace(namespace),
        replicas: podsOf(settings),
        keychain: [],
        server: { url: known("serverUrl", serverUrl), readyPath },
        nats: { url: known("natsUrl", natsUrl), user: NOETL_USER.user },
        secrets: PLATFORM_KEYS,
        curlImage: IMAGES.curl,
      },
      { parent: this },
    );
    this.consumers = pulumi.output([...pool.consumers]);
    this.metricsServiceName = pulumi.output(pool.metricsServiceName);
    this.registerOutputs({ consumers: this.consumers, metricsServiceName: this.metricsServiceName });
  }
}

/** Manifests are made of it at once. */
function known(name: string, value: pulumi.Input<string>): string {
  if (typeof value === "string") return value;
  throw new pulumi.RunError(`${name} must be known when the program is previewed; write the URL itself`);
}
