import * as pulumi from "@pulumi/pulumi";
import { platform } from "../stacks/platform";
import { withProfile } from "../stacks/profile";
import { settingsOf } from "./settings";

export interface PlatformArgs {
  /**
   * What a stack file says under `noetl:`, without that prefix: `profile`, `cluster`, `nats`, `workerPools` and so on. Every
   * setting with its default is in docs/configuration.md. Values must be known when the program runs; secrets stay secret.
   */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the package's schema calls Any; it is checked when it comes
  settings: Record<string, any>;
}

/**
 * The whole NoETL platform, as the stack file of this project describes it: NATS, PostgreSQL, server, worker pools, scaling,
 * monitoring. Objects have fixed names, so that a Kubernetes cluster holds one platform.
 *
 * @throws RunError with every problem of the settings
 */
export class Platform extends pulumi.ComponentResource {
  /** URL of the server, within the Kubernetes cluster. */
  readonly serverUrl: pulumi.Output<string>;
  /** URL of NATS, within the Kubernetes cluster, without credentials. */
  readonly natsUrl: pulumi.Output<string>;
  /** Host of the database that the server uses. */
  readonly postgresHost: pulumi.Output<string>;
  /** Version of the database schema. */
  readonly schemaVersion: pulumi.Output<string>;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:index:Platform", name, {}, opts);
    const outputs = platform(withProfile(settingsOf(`Platform ${name}`, args.settings)), { parent: this });
    if (!("serverUrl" in outputs)) throw new pulumi.RunError(`${name}: ${NO_PLATFORM}`);
    this.serverUrl = pulumi.output(outputs.serverUrl);
    this.natsUrl = pulumi.output(outputs.natsUrl);
    this.postgresHost = pulumi.output(outputs.postgresHost);
    this.schemaVersion = pulumi.output(outputs.schemaVersion);
    this.registerOutputs({ ...outputs });
  }
}

const NO_PLATFORM =
  "gcp.layer infrastructure describes what a platform stands on; make that with the stack file Pulumi.gke-base.yaml";
