import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import { apply, type Transform } from "../kubernetes/transform";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import type { DatabaseConnection } from "./connection";
import * as manifests from "./postgres-manifests";

export interface PostgresArgs extends manifests.PostgresFacts {
  namespace: Namespace;
  /** Password of `adminUser`. */
  adminPassword: pulumi.Input<string>;
  /** Password of `user`; the schema Job sets it. */
  password: pulumi.Input<string>;
  /** Port on every node for clients outside the cluster. Default: none. */
  nodePort?: number | undefined;
  /** Where the values of the Secret come from. Default: the program makes it of the passwords given here. */
  secrets?: SecretProvider | undefined;
  transform?: { statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>; service?: Transform<k8s.core.v1.ServiceArgs> };
}

/**
 * PostgreSQL of one pod with its own volume: the database of an environment that has no managed one. Databases, roles
 * and schema are made by {@link DatabaseSchema}.
 */
export class Postgres extends pulumi.ComponentResource {
  /** How to reach it. */
  readonly connection: DatabaseConnection;

  constructor(name: string, args: PostgresArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:database:Postgres", name, {}, opts);
    const { namespace, transform, secrets = kubernetesSecrets } = args;
    const child = { parent: this };

    secrets.secret(
      `${name}-secret`,
      {
        metadata: manifests.metadata(manifests.SECRET_NAME, namespace),
        namespace: namespace.name,
        stringData: { POSTGRES_PASSWORD: args.adminPassword, NOETL_PASSWORD: args.password },
      },
      child,
    );
    new k8s.core.v1.Service(name, apply(transform?.service, manifests.service(namespace)), child);
    if (args.nodePort !== undefined) {
      new k8s.core.v1.Service(`${name}-ext`, manifests.nodePortService(namespace, args.nodePort), child);
    }
    new k8s.apps.v1.StatefulSet(name, apply(transform?.statefulSet, manifests.statefulSet(namespace, args)), child);

    this.connection = {
      host: `${manifests.NAME}.${namespace.name}.svc.cluster.local`,
      port: manifests.PORT,
      database: args.database,
      user: args.user,
      schema: args.schema,
      adminUser: args.adminUser,
      transactionPooling: false,
    };
    this.registerOutputs();
  }
}
