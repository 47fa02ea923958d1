/** An allowed way of traffic: who may open connections to whom, on which ports, and why. */
export interface Flow {
  from: Party;
  to: Party;
  /** Ports that it may connect to; none means every port of every protocol. */
  ports: readonly FlowPort[];
  /** Why it is needed, as a sentence without its final point. */
  reason: string;
  /** The key of the stack file that adds it. Default: none, it is of the platform's own table. */
  setting?: string | undefined;
}

/** A port of the pods themselves, not of a Service in front of them. */
export interface FlowPort {
  /** What people call it: `client`, `metrics`. */
  name: string;
  port: number;
  /** Default: TCP. */
  protocol?: "TCP" | "UDP" | undefined;
}

/** One end of a flow. */
export type Party = Pods | Addresses | Anyone;

/** Pods of one namespace, by their labels. */
export interface Pods {
  kind: "pods";
  /** What people call them, and what the name of their policy is made of: `server`. */
  name: string;
  /** Name of their namespace. */
  namespace: string;
  /** Labels they have; none means every pod of the namespace. */
  labels: Readonly<Record<string, string>>;
  /** A label they do not have. */
  without?: string | undefined;
}

/** Addresses outside the cluster's network of pods. */
export interface Addresses {
  kind: "addresses";
  name: string;
  ranges: readonly AddressRange[];
}

export interface AddressRange {
  /** Addresses in CIDR notation, IPv4 or IPv6. */
  cidr: string;
  /** Ranges within that do not belong to it. Default: none. */
  except?: readonly string[] | undefined;
}

/** Whoever asks: only for what identifies its callers itself. */
export interface Anyone {
  kind: "anyone";
  name: string;
}

/** Pods by their labels. */
export function pods(
  name: string,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  without?: string,
): Pods {
  return { kind: "pods", name, namespace, labels, without };
}

/** Addresses by their ranges: `10.0.0.1/32`. */
export function addresses(name: string, ...ranges: readonly (string | AddressRange)[]): Addresses {
  return { kind: "addresses", name, ranges: ranges.map((cidr) => (typeof cidr === "string" ? { cidr } : cidr)) };
}

/** What tells two ends of flows apart. */
export function partyKey(party: Party): string {
  if (party.kind === "anyone") return party.kind;
  if (party.kind === "addresses") return JSON.stringify([party.name, party.ranges]);
  const { name, namespace, labels, without } = party;
  return JSON.stringify([name, namespace, Object.entries(labels).sort(), without ?? null]);
}

/** A TCP port. */
export function tcp(name: string, port: number): FlowPort {
  return { name, port };
}

/** A port as people write it: `client 4222`, `dns 53/UDP`. */
export function portTitle({ name, port, protocol = "TCP" }: FlowPort): string {
  return `${name} ${port}${protocol === "TCP" ? "" : `/${protocol}`}`;
}
