import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { NOETL_USER } from "./accounts";
import { natsUrl, type NatsConnection } from "./connection";
import { CLIENT_PORT, headlessName, MONITORING_PORT, serviceHost, type NatsFacts } from "./facts";
import * as manifests from "./manifests";
import { secretConf, type ClusterPasswords } from "./server-conf";

export interface NatsClusterArgs extends Omit<NatsFacts, "name"> {
  /** Passwords of users, servers and links; any text, for users any but a bcrypt hash. */
  passwords: ClusterPasswords<pulumi.Input<string>>;
  /** Escape hatches: what each child shall be instead. */
  transform?: {
    statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
    configMap?: Transform<k8s.core.v1.ConfigMapArgs>;
    service?: Transform<k8s.core.v1.ServiceArgs>;
  };
}

/**
 * NATS with JetStream, one, three or five servers with a volume each. `name` is also the name of the Kubernetes objects: `nats` makes
 *
 * 1. ServiceAccount `nats`, without permissions;
 * 2. Secret `nats-auth`, the passwords, and ConfigMap `nats-config`, the rest of nats.conf;
 * 3. Service `nats` for clients, and headless Service `nats-headless`;
 * 4. StatefulSet `nats`, whose volume `nats-storage` holds the file store.
 */
export class NatsCluster extends pulumi.ComponentResource {
  /** How to reach it and log in. */
  readonly connection: NatsConnection;

  constructor(name: string, args: NatsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:nats:NatsCluster", name, {}, opts);
    const { passwords, transform } = args;
    const facts: NatsFacts = { ...args, name };
    const child = { parent: this };
    const config = apply(transform?.configMap, manifests.configMap(facts));
    const checksum = checksumOf(config);

    const account = new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    const secret = new k8s.core.v1.Secret(
      `${name}-auth`,
      manifests.authSecret(facts, secretFile(facts, passwords)),
      child,
    );
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, config, child);
    if (manifests.hasClientService(facts)) {
      new k8s.core.v1.Service(name, apply(transform?.service, manifests.clientService(facts)), child);
    }
    new k8s.core.v1.Service(`${name}-headless`, manifests.headlessService(facts), child);
    new k8s.apps.v1.StatefulSet(name, apply(transform?.statefulSet, manifests.statefulSet(facts, checksum)), {
      ...child,
      // A pod that is replaced for a new configuration must not start with the old one.
      dependsOn: [account, secret, configMap],
    });

    this.connection = connectionOf(facts, passwords.noetl);
    this.registerOutputs();
  }
}

function secretFile(facts: NatsFacts, passwords: NatsClusterArgs["passwords"]): pulumi.Output<string> {
  return pulumi.secret(passwords).apply((plain) => secretConf(facts, plain));
}

/** Of what is deployed, so after the escape hatch. */
function checksumOf({ data }: k8s.core.v1.ConfigMapArgs): pulumi.Output<string> {
  return pulumi.output(data).apply((files) => manifests.configChecksum(files));
}

function connectionOf(facts: NatsFacts, password: pulumi.Input<string>): NatsConnection {
  const host = serviceHost(facts.name, facts.namespace);
  const headless = serviceHost(headlessName(facts), facts.namespace);
  return {
    host,
    clientPort: CLIENT_PORT,
    monitoringPort: MONITORING_PORT,
    monitoringEndpoint: `${headless}:${MONITORING_PORT}`,
    url: natsUrl({ host, clientPort: CLIENT_PORT }),
    ...NOETL_USER,
    password: pulumi.secret(password),
  };
}
