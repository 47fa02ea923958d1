import { isIPv4 } from "node:net";
import { addresses, pods, type Party, type Pods } from "../../components/network/flow";
import { namedHost } from "./addresses";

/** Who answers at a host: `vault.vault.svc` is pods of namespace `vault`, `10.0.0.1` an address, all else a name. */
export function partyOfHost(host: string): Party {
  const namespace = /^[a-z0-9-]+(?:\.[a-z0-9-]+)?\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?$/.exec(host)?.[1];
  if (namespace !== undefined) return podsBy(namespace, []);
  return isIPv4(host) ? addresses(host, `${host}/32`) : namedHost(host);
}

/** Pods of a namespace by labels as NAME=VALUE; without any, all of them. */
export function podsBy(namespace: string, labels: readonly string[]): Pods {
  const wanted = labels.map((label): [string, string] => {
    const [name = "", value = ""] = label.split("=");
    return [name, value];
  });
  const name =
    labels.length === 0 ? `all in ${namespace}` : `${wanted.map(([, value]) => value).join(" ")} in ${namespace}`;
  return pods(name, namespace, Object.fromEntries(wanted));
}

/** Host and port of a URL of HTTP or WebSockets. */
export function endpointOf(url: string): { host: string; port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === "" ? (/^(https|wss):$/.test(protocol) ? 443 : 80) : Number(port) };
}
