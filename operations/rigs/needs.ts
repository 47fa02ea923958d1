import type { Platform } from "./platform";
import type { Endpoint } from "./reach";
import type { Need } from "./rig";

/** The server, its Service, and a way for a rig to ask it. */
export function serverNeeds({ server, config }: Platform): Need[] {
  return [
    { object: server.ref },
    { object: { apiVersion: "v1", kind: "Service", name: server.endpoint.name, namespace: server.endpoint.namespace } },
    ...(config.server.tls === "off"
      ? []
      : [{ unmet: "the stack has TLS on the server's port, and this rig asks it in clear" }]),
  ];
}

/** The gateway and its Service. */
export function gatewayNeeds({ gateway }: Platform): Need[] {
  if (gateway === undefined) return [{ unmet: "the stack has no gateway: noetl:gateway" }];
  const { name, namespace } = gateway.endpoint;
  return [{ object: gateway.ref }, { object: { apiVersion: "v1", kind: "Service", name, namespace } }];
}

/** The gateway of a platform that has one, as {@link gatewayNeeds} makes sure. */
export function gatewayOf({ gateway, namespace }: Platform): Endpoint {
  return gateway?.endpoint ?? { kind: "Service", name: "noetl-gateway", namespace, port: 8090 };
}
