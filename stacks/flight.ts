import type * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection } from "../components/database/connection";
import type { Namespace } from "../components/kubernetes/namespaces";
import type { NatsConnection } from "../components/nats/connection";
import { PythonServer } from "../components/noetl/python-server";
import { SERVICE } from "../components/noetl/python-server-manifests";
import type { RuntimeSecretKeys } from "../components/noetl/runtime-secrets";
import type { CertificateAuthority } from "../components/tls/authority";
import { FlightTls, type FlightSide } from "../components/tls/flight-tls";
import type { PlatformSpec } from "./profile";
import { IMAGES } from "./versions";

/** What the Python server is made with. */
export interface FlightSurroundings {
  namespace: Namespace;
  authority: CertificateAuthority | undefined;
  database: DatabaseConnection;
  nats: NatsConnection;
  secrets: RuntimeSecretKeys;
}

/** Common name of the workers' certificate for Flight. */
const CLIENT = "noetl-worker-rust";

/**
 * The Python server with its Flight, where the stack has it.
 *
 * @returns what Rust workers need to reach it; undefined where it is open, or not there.
 */
export function flight(
  { pythonServer, flight: settings }: Pick<PlatformSpec, "pythonServer" | "flight">,
  around: FlightSurroundings,
  opts: pulumi.ComponentResourceOptions,
): FlightSide | undefined {
  if (!pythonServer) return undefined;
  const { authority, ...surroundings } = around;
  const trust =
    settings &&
    new FlightTls(
      "noetl-flight",
      {
        ...settings,
        namespace: around.namespace,
        service: SERVICE,
        client: CLIENT,
        authority,
        bearer: settings.bearer ? settings.tokens : undefined,
      },
      opts,
    );
  new PythonServer(
    "noetl-server",
    {
      ...pythonServer,
      ...surroundings,
      flight: trust && { side: trust.server, mutual: settings.mutual },
      natsBoxImage: IMAGES.natsBox,
    },
    opts,
  );
  return trust?.client;
}
