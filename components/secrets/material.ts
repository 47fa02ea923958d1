import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { KEPT_ELSEWHERE } from "./provider";

/** How often each secret has been replaced; absent and 0 are the first value. */
export interface Rotations {
  encryptionKey?: number | undefined;
  internalApiToken?: number | undefined;
  postgresPassword?: number | undefined;
  noetlPassword?: number | undefined;
  natsPassword?: number | undefined;
  natsSystemPassword?: number | undefined;
  natsClusterPassword?: number | undefined;
  /** Of all users of further NATS accounts. */
  natsUsers?: number | undefined;
}

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
  /** A higher number generates a new value. Default: the first values. */
  rotations?: Rotations | undefined;
  /** Whether Pulumi refuses to delete or replace the generated encryption key. Default: true. */
  protect?: boolean | undefined;
  /** Whether only a secret provider's store knows the values; then nothing is generated. Default: false. */
  keptElsewhere?: boolean | undefined;
}

/**
 * The platform's secret values: given ones as they are, the others generated once and kept, encrypted, in Pulumi's
 * state. A generated value is replaced when its number in `rotations` is raised, and at no other time. Where only a
 * secret provider's store knows the values, each is {@link KEPT_ELSEWHERE}.
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

  readonly #args: SecretMaterialArgs;

  constructor(name: string, args: SecretMaterialArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:secrets:SecretMaterial", name, {}, opts);
    this.#args = args;
    // Without this key nothing in the database that is sealed can ever be read again.
    const guarded = { protect: args.protect ?? true };
    this.encryptionKey = this.#bytes("encryption-key", "encryptionKey", ({ base64 }) => base64, guarded);
    this.internalApiToken = this.#bytes("internal-api-token", "internalApiToken", ({ hex }) => hex);
    this.postgresPassword = this.#password("postgres-password", "postgresPassword");
    this.noetlPassword = this.#password("noetl-password", "noetlPassword");
    this.natsPassword = this.#password("nats-password", "natsPassword");
    this.natsSystemPassword = this.#password("nats-system-password", "natsSystemPassword");
    this.natsClusterPassword =
      args.natsIsCluster === true ? this.#password("nats-cluster-password", "natsClusterPassword") : undefined;
    this.natsUsers = Object.fromEntries(
      Object.entries(args.natsUsers ?? {}).map(([user, given]) => [
        user,
        this.#value(given, () => generatedPassword(`nats-user-${user}-password`, args.rotations?.natsUsers, this)),
      ]),
    );
    this.registerOutputs();
  }

  #bytes(
    name: string,
    secret: Exclude<keyof Rotations, "natsUsers">,
    encode: (made: random.RandomBytes) => pulumi.Output<string>,
    opts: pulumi.CustomResourceOptions = {},
  ): pulumi.Output<string> {
    const made = { length: 32, ...keepers(this.#args.rotations?.[secret]) };
    return this.#value(this.#args[secret], () => encode(new random.RandomBytes(name, made, { ...opts, parent: this })));
  }

  #password(name: string, secret: Exclude<keyof Rotations, "natsUsers">): pulumi.Output<string> {
    return this.#value(this.#args[secret], () => generatedPassword(name, this.#args.rotations?.[secret], this));
  }

  #value(given: pulumi.Input<string> | undefined, generate: () => pulumi.Output<string>): pulumi.Output<string> {
    if (this.#args.keptElsewhere === true) return pulumi.secret(KEPT_ELSEWHERE);
    return pulumi.secret(given ?? generate());
  }
}

/** Passwords that nobody gives, by their names: generated once and kept like those of {@link SecretMaterial}. */
export class GeneratedPasswords extends pulumi.ComponentResource {
  readonly #passwords: ReadonlyMap<string, pulumi.Output<string>>;

  constructor(
    name: string,
    args: { names: readonly string[] } & Pick<SecretMaterialArgs, "keptElsewhere"> & { rotation?: number | undefined },
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("noetl:secrets:GeneratedPasswords", name, {}, opts);
    const passwordOf = (key: string): pulumi.Output<string> =>
      args.keptElsewhere === true
        ? pulumi.secret(KEPT_ELSEWHERE)
        : generatedPassword(`${name}-${key}`, args.rotation, this);
    this.#passwords = new Map(args.names.map((key) => [key, passwordOf(key)]));
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

function generatedPassword(name: string, rotation: number | undefined, parent: pulumi.Resource): pulumi.Output<string> {
  // Letters and digits only: 190 bits at this length, and no tool between here and the server needs to quote them.
  const made = { length: 32, special: false, ...keepers(rotation) };
  return pulumi.secret(new random.RandomPassword(name, made, { parent }).result);
}

/** Nothing for the first value, so that a stack from before this existed keeps its values. */
function keepers(rotation = 0): { keepers?: { rotation: string } } {
  return rotation === 0 ? {} : { keepers: { rotation: String(rotation) } };
}
