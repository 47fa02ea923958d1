import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { apply, type Transform } from "../kubernetes/transform";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import { NOETL_USER } from "./accounts";
import { natsUrl, type NatsConnection } from "./connection";
import { CLIENT_PORT, headlessName, MONITORING_PORT, serviceHost, type NatsFacts, type NatsTls } from "./facts";
import { requiresTls } from "./links";
import { CONFIG_FILE, RESTART_FILE } from "./layout";
import * as manifests from "./manifests";
import { restartChecksum } from "./reload-table";
import { secretConf, type ClusterPasswords } from "./server-conf";
import { assertSound } from "./soundness";

/** Where the certificates of the servers come from. */
export type NatsTlsArgs = Pick<NatsTls, "clients"> &
  (
    | {
        /** A Secret that exists, with `tls.crt`, `tls.key` and `ca.crt`. */
        secretName: string;
      }
    | {
        /** Who signs the certificate that cert-manager makes and renews, in Secret NAME-tls. */
        issuer: manifests.IssuerRef;
      }
  );

export interface NatsClusterArgs extends Omit<NatsFacts, "name" | "tls"> {
  /** Passwords of users, servers and links; any text, for users any but a bcrypt hash. */
  passwords: ClusterPasswords<pulumi.Input<string>>;
  /** TLS of every port but the monitoring one. Default: none. */
  tls?: NatsTlsArgs | undefined;
  /** Where the file of passwords comes from. Default: the program makes it of `passwords`. */
  secrets?: SecretProvider | undefined;
  /** Escape hatches: what each child shall be instead. */
  transform?: {
    statefulSet?: Transform<k8s.apps.v1.StatefulSetArgs>;
    configMap?: Transform<k8s.core.v1.ConfigMapArgs>;
    service?: Transform<k8s.core.v1.ServiceArgs>;
  };
}

/**
 * NATS with JetStream: one, three or five servers with a volume each. `name` is also the name of the Kubernetes
 * objects: `nats` makes
 *
 * 1. ServiceAccount `nats`, without permissions;
 * 2. Secret `nats-auth`, the passwords, and ConfigMap `nats-config`, the rest of nats.conf;
 * 3. Certificate `nats-tls`, where cert-manager is to make one;
 * 4. Service `nats` for clients, and headless Service `nats-headless`;
 * 5. PodDisruptionBudget `nats` of more than one server;
 * 6. StatefulSet `nats`, whose volume `nats-storage` holds the file store.
 *
 * @throws Error with everything that is wrong with the arguments.
 */
export class NatsCluster extends pulumi.ComponentResource {
  /** How to reach it and log in. */
  readonly connection: NatsConnection;

  constructor(name: string, args: NatsClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:nats:NatsCluster", name, {}, opts);
    const { passwords, transform, tls, secrets = kubernetesSecrets, ...rest } = args;
    const facts: NatsFacts = { ...rest, name, tls: tls && tlsFacts(name, tls) };
    assertSound(facts);
    const child = { parent: this };
    const config = withRestartChecksum(apply(transform?.configMap, manifests.configMap(facts)));
    const checksum = pulumi.output(config.data).apply((data) => data?.[RESTART_FILE] ?? "");

    const account = new k8s.core.v1.ServiceAccount(name, manifests.serviceAccount(facts), child);
    const secret = secrets.secret(
      `${name}-auth`,
      { ...manifests.authSecret(facts, secretFile(facts, passwords)), namespace: facts.namespace.name },
      child,
    );
    const configMap = new k8s.core.v1.ConfigMap(`${name}-config`, config, child);
    const certificates =
      tls && "issuer" in tls
        ? [
            new k8s.apiextensions.CustomResource(
              `${name}-tls`,
              manifests.certificate(facts, tlsFacts(name, tls).secretName, tls.issuer),
              child,
            ),
          ]
        : [];
    if (manifests.hasClientService(facts)) {
      new k8s.core.v1.Service(name, apply(transform?.service, manifests.clientService(facts)), child);
    }
    new k8s.core.v1.Service(`${name}-headless`, manifests.headlessService(facts), child);
    const budget = manifests.disruptionBudget(facts);
    if (budget) new k8s.policy.v1.PodDisruptionBudget(name, budget, child);
    new k8s.apps.v1.StatefulSet(name, apply(transform?.statefulSet, manifests.statefulSet(facts, checksum)), {
      ...child,
      // A pod that is replaced for a new configuration must not start with the old one.
      dependsOn: [account, secret, configMap, ...certificates],
    });

    this.connection = connectionOf(facts, passwords.noetl);
    this.registerOutputs();
  }
}

function tlsFacts(name: string, args: NatsTlsArgs): NatsTls {
  return { clients: args.clients, secretName: "issuer" in args ? `${name}-tls` : args.secretName };
}

function secretFile(facts: NatsFacts, passwords: NatsClusterArgs["passwords"]): pulumi.Output<string> {
  return pulumi.secret(passwords).apply((plain) => secretConf(facts, plain));
}

/** Of what is deployed, so after the escape hatch. */
function withRestartChecksum(config: k8s.core.v1.ConfigMapArgs): k8s.core.v1.ConfigMapArgs {
  const data = pulumi
    .output(config.data)
    .apply((files) => ({ ...files, [RESTART_FILE]: restartChecksum(files?.[CONFIG_FILE] ?? "") }));
  return { ...config, data };
}

function connectionOf(facts: NatsFacts, password: pulumi.Input<string>): NatsConnection {
  const host = serviceHost(facts.name, facts.namespace);
  const headless = serviceHost(headlessName(facts), facts.namespace);
  return {
    host,
    clientPort: CLIENT_PORT,
    monitoringPort: MONITORING_PORT,
    monitoringEndpoint: `${headless}:${MONITORING_PORT}`,
    tls: requiresTls(facts),
    url: natsUrl({ host, clientPort: CLIENT_PORT, tls: requiresTls(facts) }),
    ...NOETL_USER,
    password: pulumi.secret(password),
  };
}
