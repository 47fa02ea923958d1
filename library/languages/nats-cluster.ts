import * as pulumi from "@pulumi/pulumi";
import { existingNamespace } from "../../components/kubernetes/namespaces";
import { NatsCluster as Cluster } from "../../components/nats/cluster";
import { IMAGES } from "../../stacks/versions";
import { sectionOf } from "../settings";

/** Limits of JetStream's stores, for each server. */
export interface JetStreamLimits {
  /** Largest memory store. Default: 1Gi. */
  memory?: string;
  /** Largest file store. Default: 5Gi. */
  file?: string;
}

/** Passwords; any text, for the users any but a bcrypt hash. */
export interface NatsPasswords {
  /** Of user `sys` in account `$SYS`. */
  system: pulumi.Input<string>;
  /** Of user `noetl` in account `NOETL`. */
  noetl: pulumi.Input<string>;
  /** That the servers know each other by. Needed by more than one server. */
  cluster?: pulumi.Input<string>;
}

export interface NatsClusterArgs {
  /** Namespace of all objects. It must be there. */
  namespace: string;
  /** Servers: 1, 3 or 5. Default: 1. */
  replicas?: number;
  /** Image of nats-server, an alpine variant. Default: the one that this version is tested with. */
  image?: string;
  /** Size of each server's volume, a quarter above the file store. Default: 8Gi. */
  storage?: string;
  /** Storage class of the volumes; it cannot change later. Default: that of the Kubernetes cluster. */
  storageClass?: string;
  /** Limits of JetStream's stores. */
  jetstream?: JetStreamLimits;
  /** Largest message a client may publish. Default: 1Mi. */
  maxPayload?: string;
  /** `preferred`: two servers should not share a node; `required`: they may never. Default: preferred. */
  spread?: string;
  /** Whether a Prometheus exporter runs beside each server, metrics at port 7777. Default: false. */
  exporter?: boolean;
  /** Passwords of users and servers. */
  passwords: NatsPasswords;
}

/** NATS with JetStream: one, three or five servers with a volume each. The Kubernetes objects have its name. */
export class NatsCluster extends pulumi.ComponentResource {
  /** URL of clients within the Kubernetes cluster, without credentials. */
  readonly url: pulumi.Output<string>;
  /** `host:port` of the monitoring endpoint that answers for every single server. */
  readonly monitoringEndpoint: pulumi.Output<string>;

  constructor(name: string, args: NatsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:index:NatsCluster", name, {}, opts);
    const { namespace, storageClass, passwords, ...given } = args;
    const nats = sectionOf(`NatsCluster ${name}`, "nats", given);
    const { connection } = new Cluster(
      name,
      {
        ...nats,
        namespace: existingNamespace(namespace),
        storage: { size: nats.storage, storageClass },
        accounts: [],
        tls: undefined,
        extra: undefined,
        exporterImage: nats.exporter ? IMAGES.natsExporter : undefined,
        passwords,
      },
      { parent: this },
    );
    this.url = pulumi.output(connection.url);
    this.monitoringEndpoint = pulumi.output(connection.monitoringEndpoint);
    this.registerOutputs({ url: this.url, monitoringEndpoint: this.monitoringEndpoint });
  }
}
