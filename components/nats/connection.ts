import * as pulumi from "@pulumi/pulumi";

/** How a platform component reaches NATS and logs in. */
export interface NatsConnection {
  /** Host of the client Service, resolvable inside the cluster. */
  host: string;
  /** Port of clients. */
  clientPort: number;
  /** Port of the monitoring endpoint. */
  monitoringPort: number;
  /**
   * `host:port` of the monitoring endpoint behind the headless Service, which answers for every single server: where
   * KEDA looks for consumer lag.
   */
  monitoringEndpoint: string;
  /** Whether clients must use TLS. Default: no. */
  tls?: boolean;
  /** URL of clients, without user and password. */
  url: string;
  /** Account that holds the platform's streams. */
  account: string;
  /** User in that account. */
  user: string;
  /** Password of that user; a secret. */
  password: pulumi.Output<string>;
}

/**
 * The client URL with user and password in it, percent-encoded; a secret. For clients that take their credentials no
 * other way: not every NATS client decodes them again (nats.rs issue 1193), so prefer passwords of letters and digits.
 */
export function natsUrlWithUser(connection: NatsConnection): pulumi.Output<string> {
  return pulumi
    .secret(connection.password)
    .apply((password) => natsUrl(connection, { user: connection.user, password }));
}

/**
 * A `nats://` URL; `tls://` where clients must use TLS, for with the other one a client would believe whoever says that
 * they need not. User and password percent-encoded.
 */
export function natsUrl(
  { host, clientPort, tls = false }: Pick<NatsConnection, "host" | "clientPort" | "tls">,
  login?: { user: string; password: string },
): string {
  const userInfo = login ? `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@` : "";
  return `${tls ? "tls" : "nats"}://${userInfo}${host}:${clientPort}`;
}
