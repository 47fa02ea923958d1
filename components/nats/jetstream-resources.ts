import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../kubernetes/namespaces";
import { kubernetesSecrets, type SecretProvider } from "../secrets/provider";
import type { NatsConnection } from "./connection";
import * as manifests from "./jetstream-manifests";
import type { JetStreamFacts } from "./streams";

export interface JetStreamResourcesArgs {
  namespace: Namespace;
  /** The account that streams, consumers and buckets belong to. */
  nats: NatsConnection;
  declared: JetStreamFacts;
  /** Where the values of the Secret come from. Default: the program makes it of the password in `nats`. */
  secrets?: SecretProvider | undefined;
}

/**
 * Streams, consumers and buckets as custom resources of NACK, the JetStream controller, which must be installed:
 *
 * 1. Secret and Account `NAME`, what the controller logs in with;
 * 2. a Stream, Consumer or KeyValue for each declaration, in the Account.
 *
 * An update waits until the controller has made each of them; deleting the objects deletes nothing in NATS.
 */
export class JetStreamResources extends pulumi.ComponentResource {
  constructor(name: string, args: JetStreamResourcesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:nats:JetStreamResources", name, {}, opts);
    const { namespace, nats, declared, secrets = kubernetesSecrets } = args;
    const facts = { name, namespace, servers: [nats.url], user: nats.user };
    const child = { parent: this };

    const credentials = manifests.credentials(facts, pulumi.secret(nats.password));
    const secret = secrets.secret(name, { ...credentials, namespace: namespace.name }, child);
    const account = this.make("Account", manifests.account(facts), { ...child, dependsOn: [secret] });
    const within = { ...child, dependsOn: [account] };
    for (const stream of declared.streams) {
      const made = this.make("Stream", manifests.stream(facts, stream), within);
      for (const consumer of stream.consumers) {
        this.make("Consumer", manifests.consumer(facts, stream.name, consumer), {
          ...child,
          dependsOn: [account, made],
        });
      }
    }
    for (const bucket of declared.buckets) this.make("KeyValue", manifests.bucket(facts, bucket), within);
    this.registerOutputs();
  }

  private make(
    kind: string,
    { metadata, spec }: manifests.NackObject,
    opts: pulumi.CustomResourceOptions,
  ): pulumi.CustomResource {
    const args = { apiVersion: manifests.NACK_API, kind, metadata, spec };
    return new k8s.apiextensions.CustomResource(`${kind.toLowerCase()}-${metadata.name}`, args, opts);
  }
}
