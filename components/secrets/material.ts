import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

/** Values to use instead of generated ones; each is treated as a secret. */
export interface SecretMaterialArgs {
  /** Base64 of 32 bytes. Default: generated. */
  encryptionKey?: pulumi.Input<string> | undefined;
  /** Any text without line breaks. Default: 64 generated hexadecimal digits. */
  internalApiToken?: pulumi.Input<string> | undefined;
  /** Any text without line breaks, like all passwords here. Default: 32 generated letters and digits. */
  postgresPassword?: pulumi.Input<string> | undefined;
  noetlPassword?: pulumi.Input<string> | undefined;
  natsPassword?: pulumi.Input<string> | undefined;
  natsSystemPassword?: pulumi.Input<string> | undefined;
  natsClusterPassword?: pulumi.Input<string> | undefined;
  /** Passwords of further NATS users; undefined for one that is to be generated. */
  natsUsers?: Record<string, pulumi.Input<string> | undefined> | undefined;
  /** Whether NATS has several servers, which know each other by a password. */
  natsIsCluster?: boolean | undefined;
}

/**
 * The platform's secret values: given ones as they are, the others generated once and kept, encrypted, in Pulumi's
 * state. A new value appears only when the resource behind it is replaced.
 */
export class SecretMaterial extends pulumi.ComponentResource {
  /** Key that seals credentials at rest (NOETL_ENCRYPTION_KEY): base64 of 32 bytes. */
  readonly encryptionKey: pulumi.Output<string>;
  /** Bearer token of the server's internal API. */
  readonly internalApiToken: pulumi.Output<string>;
  /** Password of the PostgreSQL administrator. */
  readonly postgresPassword: pulumi.Output<string>;
  /** Password of the server's PostgreSQL role. */
  readonly noetlPassword: pulumi.Output<string>;
  /** Password of NATS user `noetl`. */
  readonly natsPassword: pulumi.Output<string>;
  /** Password of NATS user `sys`. */
  readonly natsSystemPassword: pulumi.Output<string>;
  /** Password that the servers of the NATS cluster know each other by; none for a single server. */
  readonly natsClusterPassword: pulumi.Output<string> | undefined;
  /** Passwords of further NATS users. */
  readonly natsUsers: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: SecretMaterialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:secrets:SecretMaterial", name, {}, opts);
    this.encryptionKey = this.bytes("encryption-key", args.encryptionKey, ({ base64 }) => base64);
    this.internalApiToken = this.bytes("internal-api-token", args.internalApiToken, ({ hex }) => hex);
    this.postgresPassword = this.password("postgres-password", args.postgresPassword);
    this.noetlPassword = this.password("noetl-password", args.noetlPassword);
    this.natsPassword = this.password("nats-password", args.natsPassword);
    this.natsSystemPassword = this.password("nats-system-password", args.natsSystemPassword);
    this.natsClusterPassword =
      args.natsIsCluster === true ? this.password("nats-cluster-password", args.natsClusterPassword) : undefined;
    this.natsUsers = Object.fromEntries(
      Object.entries(args.natsUsers ?? {}).map(([user, given]) => [
        user,
        this.password(`nats-user-${user}-password`, given),
      ]),
    );
    this.registerOutputs();
  }

  private bytes(
    name: string,
    given: pulumi.Input<string> | undefined,
    encode: (made: random.RandomBytes) => pulumi.Output<string>,
  ): pulumi.Output<string> {
    if (given !== undefined) return pulumi.secret(given);
    return pulumi.secret(encode(new random.RandomBytes(name, { length: 32 }, { parent: this })));
  }

  private password(name: string, given: pulumi.Input<string> | undefined): pulumi.Output<string> {
    return given === undefined ? generatedPassword(name, this) : pulumi.secret(given);
  }
}

/** Passwords that nobody gives, by their names: generated once and kept like those of {@link SecretMaterial}. */
export class GeneratedPasswords extends pulumi.ComponentResource {
  readonly #passwords: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(name: string, args: { names: readonly string[] }, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:secrets:GeneratedPasswords", name, {}, opts);
    this.#passwords = new Map(args.names.map((key) => [key, generatedPassword(`${name}-${key}`, this)]));
    this.registerOutputs();
  }

  /**
   * The password of this name.
   *
   * @throws Error when `names` did not have it.
   */
  of(name: string): pulumi.Output<string> {
    const password = this.#passwords.get(name);
    if (!password) throw new Error(`no password '${name}' among ${[...this.#passwords.keys()].join(", ")}`);
    return password;
  }
}

function generatedPassword(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  // Letters and digits only: 190 bits at this length, and no tool between here and the server needs to quote them.
  return pulumi.secret(new random.RandomPassword(name, { length: 32, special: false }, { parent }).result);
}
