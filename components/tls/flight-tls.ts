import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { SecretKey } from "../kubernetes/env";
import { labels } from "../kubernetes/labels";
import type { Namespace } from "../kubernetes/namespaces";
import type { CertificateAuthority, TlsIdentity } from "./authority";
import {
  FLIGHT_CLIENT_FILES as CLIENT_FILES,
  FLIGHT_DIRECTORY as DIRECTORY,
  FLIGHT_SERVER_FILES as SERVER_FILES,
  STACK_FLIGHT_CLIENT as CLIENT,
  TOKEN,
  TOKENS,
} from "./flight-names";
import type { FileNames, PodTls } from "./pod-tls";

/** Bearer tokens, by numbers: a new number is a new token. */
export interface FlightTokens {
  /** The one that clients present; one of `accepted`. */
  current: number;
  /** Those that the server takes. */
  accepted: readonly number[];
}

export interface FlightTlsArgs {
  namespace: Namespace;
  /** Name of the Service that Flight is behind. */
  service: string;
  /** Common name of the clients' certificate. */
  client: string;
  /** Who signs; needed for any certificate. */
  authority?: CertificateAuthority | undefined;
  /** C2.1: the server proves who it is, and encrypts. */
  serverTls: boolean;
  /** C2.2: clients have a certificate, and what they know the server by. */
  clientTls: boolean;
  /** C2.3: clients present a token. Default: they need none. */
  bearer?: FlightTokens | undefined;
  /** C2.4: the server refuses clients without a certificate. */
  mutual: boolean;
}

/** What a pod needs on one side of Flight. */
export interface FlightSide {
  /** Certificate, key and roots, in {@link DIRECTORY}. Default: none. */
  tls?: PodTls | undefined;
  /** Bearer token of a client, or all that a server takes. Default: none. */
  tokens?: SecretKey | undefined;
  /** Annotations of the pod template: those of the certificate, and which tokens there are. */
  podAnnotations: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the workload must be made after. */
  dependsOn: readonly pulumi.Resource[];
}

const SERVER = "noetl-flight-tls";
const BEARER = "noetl-flight-bearer";
/** Secrets of certificates, by the certificate's owner. */
export const FLIGHT_SECRETS = { flight: SERVER, flightClient: CLIENT } as const;

/**
 * Trust between the Flight server and its clients, in the Secrets that the platform has always had:
 *
 * - `noetl-flight-tls` (server.crt, server.key, client-ca.crt), with `serverTls`;
 * - `noetl-flight-bearer` (NOETL_FLIGHT_BEARER_TOKENS), with `bearer`;
 * - `noetl-flight-client` (client.crt, client.key, server-ca.crt, NOETL_FLIGHT_BEARER_TOKEN), with either.
 *
 * @throws Error for switches that do not go together.
 */
export class FlightTls extends pulumi.ComponentResource {
  readonly server: FlightSide;
  readonly client: FlightSide;

  constructor(name: string, args: FlightTlsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:tls:FlightTls", name, {}, opts);
    const { namespace, service, bearer } = args;
    assertSound(args);
    const tokens = bearer && this.tokens(name, bearer);
    const revision = bearer && { "noetl.io/flight-tokens": `${bearer.current} of ${bearer.accepted.join(",")}` };
    const host = `${service}.${namespace.name}.svc`;

    const accepted = tokens && this.secret(BEARER, namespace, { [TOKENS]: tokens.all });
    const server = args.serverTls
      ? args.authority?.issue({
          name: SERVER,
          namespace,
          commonName: `${host}.cluster.local`,
          dnsNames: [`${host}.cluster.local`, host, "localhost"],
          usages: ["server"],
          keys: SERVER_FILES,
        })
      : undefined;
    this.server = side(server, SERVER_FILES, accepted && { secret: BEARER, key: TOKENS }, revision, accepted);

    const own = tokens && { [TOKEN]: tokens.current };
    const client = args.clientTls
      ? args.authority?.issue({
          name: CLIENT,
          namespace,
          commonName: args.client,
          dnsNames: [`${args.client}.${namespace.name}.svc`],
          usages: ["client"],
          keys: CLIENT_FILES,
          also: own,
        })
      : undefined;
    const alone = own && !client ? this.secret(CLIENT, namespace, own) : undefined;
    this.client = side(client, CLIENT_FILES, own && { secret: CLIENT, key: TOKEN }, revision, alone);
    this.registerOutputs();
  }

  /** 32 random bytes each, as base64, which has no comma in it. */
  private tokens(name: string, { current, accepted }: FlightTokens) {
    const made = accepted.map((number) => {
      const bytes = new random.RandomBytes(`${name}-token-${number}`, { length: 32 }, { parent: this });
      return { number, token: pulumi.secret(bytes.base64) };
    });
    const own = made.find(({ number }) => number === current);
    if (!own) throw new Error(`token ${current} is not among those that the server takes: ${accepted.join(", ")}`);
    return { current: own.token, all: pulumi.all(made.map(({ token }) => token)).apply((all) => all.join(",")) };
  }

  private secret(name: string, namespace: Namespace, stringData: Record<string, pulumi.Input<string>>) {
    const metadata = { name, namespace: namespace.created, labels: labels({ app: "noetl", component: "tls" }) };
    return new k8s.core.v1.Secret(name, { metadata, stringData: pulumi.secret(stringData) }, { parent: this });
  }
}

function side(
  identity: TlsIdentity | undefined,
  names: FileNames,
  tokens: SecretKey | undefined,
  revision: Record<string, string> | undefined,
  secret: pulumi.Resource | undefined,
): FlightSide {
  const tls = identity?.pod({ path: DIRECTORY, volume: "flight", names });
  return {
    tls,
    tokens,
    podAnnotations: { ...tls?.podAnnotations, ...revision },
    dependsOn: [...(identity?.dependsOn ?? []), ...(secret ? [secret] : [])],
  };
}

function assertSound({ authority, serverTls, clientTls, bearer, mutual }: FlightTlsArgs): void {
  if (serverTls && !authority) throw new Error("TLS needs somebody who signs");
  if ((clientTls || mutual || bearer) && !serverTls) throw new Error("clients trust nobody without TLS of the server");
  if (mutual && !clientTls) throw new Error("clients need a certificate where the server demands one");
}
