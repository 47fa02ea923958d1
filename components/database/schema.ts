import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { fromSecret, literal } from "../kubernetes/env";
import { fingerprint } from "../kubernetes/fingerprint";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import { HELPER_RESOURCES, RESTRICTED_CONTAINER, restrictedPod } from "../kubernetes/pod";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import { cloudSqlProxy, type CloudSqlProxy } from "./cloud-sql-proxy";
import type { DatabaseConnection } from "./connection";
import { SCHEMA } from "./names";
import { schemaVersion, sqlFile } from "./sql";

export interface DatabaseSchemaArgs {
  namespace: Namespace;
  connection: DatabaseConnection;
  /** Image with `psql` and `sh`: the official postgres image. */
  image: string;
  /** Password of `connection.adminUser`. */
  adminPassword: pulumi.Input<string>;
  /** Password that `connection.user` gets. */
  password: pulumi.Input<string>;
  /** The Cloud SQL Auth Proxy beside it; `connection` is then that of the proxy. Default: none. */
  proxy?: CloudSqlProxy | undefined;
  /** Databases created empty beside the server's own. */
  extraDatabases: string[];
  /** Databases that get the same tables as the server's own, one a shard. Default: none. */
  shardDatabases?: string[];
  /** Where the values of the Secret come from. Default: the program makes it of the passwords given here. */
  secrets?: SecretProvider | undefined;
}

/**
 * Brings the database to the schema the pinned server needs: role, databases, tables. A Job that can run any number of
 * times; its name changes with what it does, so that an edit runs a new one and an unchanged program runs none.
 */
export class DatabaseSchema extends pulumi.ComponentResource {
  /** Version the Job brings the schema to. */
  readonly version: string;

  constructor(name: string, args: DatabaseSchemaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:database:DatabaseSchema", name, {}, opts);
    const files = { "schema.sql": sqlFile("schema.sql"), "bootstrap.sh": sqlFile("bootstrap.sh") };
    this.version = schemaVersion(files["schema.sql"]);

    new k8s.core.v1.ConfigMap(
      `${name}-files`,
      { metadata: metadata(SCHEMA, args.namespace), data: files },
      { parent: this },
    );
    const { secrets = kubernetesSecrets } = args;
    secrets.secret(
      `${name}-passwords`,
      {
        metadata: { ...metadata(SCHEMA, args.namespace), name: SCHEMA },
        namespace: args.namespace.name,
        stringData: { PGPASSWORD: args.adminPassword, NOETL_PASSWORD: args.password },
      },
      { parent: this },
    );
    // A new password must run the Job again, and a hash of it in the Job's name would let anybody test guesses.
    const passwords = new random.RandomId(
      `${name}-passwords`,
      { byteLength: 4, keepers: { admin: pulumi.secret(args.adminPassword), noetl: pulumi.secret(args.password) } },
      { parent: this },
    );
    const spec = jobSpec(args);
    const jobName = pulumi.interpolate`${SCHEMA}-${fingerprint(JSON.stringify([files, spec]))}-${passwords.hex}`;
    new k8s.batch.v1.Job(name, { metadata: metadata(jobName, args.namespace), spec }, { parent: this });
    this.registerOutputs();
  }
}

function metadata(name: pulumi.Input<string>, namespace: Namespace) {
  return { name, namespace: namespace.created, labels: labels({ app: SCHEMA, component: "database" }) };
}

/** The Job's spec; everything in it is plain, so that its fingerprint is known before anything exists. */
function jobSpec({
  connection,
  image,
  proxy,
  extraDatabases,
  shardDatabases = [],
}: DatabaseSchemaArgs): k8s.types.input.batch.v1.JobSpec {
  return {
    backoffLimit: 10,
    template: {
      metadata: { labels: labels({ app: SCHEMA, component: "database" }) },
      spec: {
        ...restrictedPod({ uid: 999 }),
        ...(proxy && { serviceAccountName: proxy.serviceAccount, initContainers: [cloudSqlProxy(proxy)] }),
        restartPolicy: "OnFailure",
        containers: [
          {
            name: "bootstrap",
            image,
            command: ["sh", "/schema/bootstrap.sh"],
            env: [
              literal("PGHOST", connection.host),
              literal("PGPORT", connection.port),
              literal("PGUSER", connection.adminUser),
              fromSecret("PGPASSWORD", { secret: SCHEMA, key: "PGPASSWORD" }),
              literal("NOETL_DATABASE", [connection.database, ...shardDatabases].join(" ")),
              literal("NOETL_USER", connection.user),
              fromSecret("NOETL_PASSWORD", { secret: SCHEMA, key: "NOETL_PASSWORD" }),
              literal("NOETL_SCHEMA", connection.schema),
              literal("EXTRA_DATABASES", extraDatabases.join(" ")),
            ],
            resources: HELPER_RESOURCES,
            securityContext: RESTRICTED_CONTAINER,
            volumeMounts: [{ name: "schema", mountPath: "/schema", readOnly: true }],
          },
        ],
        volumes: [{ name: "schema", configMap: { name: SCHEMA } }],
      },
    },
  };
}
