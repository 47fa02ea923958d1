import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fingerprint } from "../kubernetes/fingerprint";
import { apply, type Transform } from "../kubernetes/transform";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import type { DatabaseConnection } from "./connection";
import { pgbouncerIni, userlistLine, type PgBouncerSettings } from "./pgbouncer-ini";
import * as manifests from "./pgbouncer-manifests";

/** Limits and times of the pools; everything else of pgbouncer.ini follows from the other arguments. */
export type PoolSettings = Omit<PgBouncerSettings, "databases" | "port" | "authFile" | "statsUsers">;

export interface PgBouncerArgs extends manifests.PgBouncerFacts {
  /** The instance, as it is reached without the pooler; with `proxy`, host and port are those of the proxy. */
  database: DatabaseConnection;
  /** Databases beside the server's own that clients may ask for. Default: none. */
  otherDatabases?: readonly string[];
  pools: PoolSettings;
  /** Password of `database.user`. */
  password: pulumi.Input<string>;
  /** Password of the exporter. Default: generated, and kept in Pulumi's state. */
  statsPassword?: pulumi.Input<string> | undefined;
  /** Where the values of the Secret come from. Default: the program makes it of `password`. */
  secrets?: SecretProvider | undefined;
  transform?: { deployment?: Transform<k8s.apps.v1.DeploymentArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * PgBouncer before PostgreSQL: any number of clients share few server connections, each for the length of a transaction.
 * What needs a session must go past it: advisory locks, LISTEN, SET, temporary tables, the schema Job.
 */
export class PgBouncer extends pulumi.ComponentResource {
  /** How the server reaches the database through it. */
  readonly connection: DatabaseConnection;
  /** Where its metrics are: pods of this label and port; undefined without an exporter. */
  readonly metrics: { namespace: string; app: string; port: number } | undefined;

  constructor(name: string, args: PgBouncerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:database:PgBouncer", name, {}, opts);
    const { namespace, database, otherDatabases = [], pools, transform, secrets = kubernetesSecrets } = args;
    const child = { parent: this };
    const ini = pgbouncerIni({
      ...pools,
      databases: [database.database, ...otherDatabases].map((each) => ({ ...at(args), name: each })),
      port: manifests.PORT,
      authFile: manifests.USERLIST,
      statsUsers: [manifests.STATS_USER],
    });
    const stats =
      args.statsPassword ?? new random.RandomPassword(`${name}-stats`, { length: 32, special: false }, child).result;
    const users = { [database.user]: args.password, [manifests.STATS_USER]: stats };

    secrets.secret(
      `${name}-users`,
      {
        metadata: manifests.usersMetadata(namespace),
        namespace: namespace.name,
        stringData: secretData(users, stats),
      },
      child,
    );
    new k8s.core.v1.ConfigMap(name, manifests.configMap(namespace, ini), child);
    new k8s.core.v1.Service(name, apply(transform?.service, manifests.service(namespace)), child);
    if (args.replicas > 1) {
      new k8s.policy.v1.PodDisruptionBudget(name, manifests.disruptionBudget(namespace), child);
    }
    // Other passwords must reach the pods, and a hash of them in an annotation would let anybody test guesses.
    const keepers = pulumi.secret(users);
    const version = new random.RandomId(`${name}-users`, { byteLength: 4, keepers }, child).hex;
    const deployment = manifests.deployment(args, fingerprint(ini), version);
    new k8s.apps.v1.Deployment(name, apply(transform?.deployment, deployment), child);

    this.connection = {
      ...database,
      host: `${manifests.NAME}.${namespace.name}.svc.cluster.local`,
      port: manifests.PORT,
      transactionPooling: true,
    };
    this.metrics =
      args.exporterImage === undefined
        ? undefined
        : { namespace: namespace.name, app: manifests.NAME, port: manifests.METRICS_PORT };
    this.registerOutputs();
  }
}

/** Where PgBouncer itself finds the instance. */
function at({ database, proxy }: PgBouncerArgs) {
  return proxy ? { host: "127.0.0.1", port: proxy.port } : { host: database.host, port: database.port };
}

function secretData(users: Record<string, pulumi.Input<string>>, stats: pulumi.Input<string>) {
  return {
    "userlist.txt": pulumi.secret(users).apply((all) =>
      Object.entries(all)
        .map(([user, password]) => userlistLine(user, password))
        .join(""),
    ),
    exporter: pulumi.interpolate`postgres://${manifests.STATS_USER}:${pulumi.secret(stats)}@127.0.0.1:${manifests.PORT}/pgbouncer?sslmode=disable`,
  };
}
