import type { Faults } from "./faults";

/** Where something really listens. */
export interface Address {
  host: string;
  port: number;
}

/** What a container finds around it: the kubelet's part, and that of the cluster's network. */
export interface Place {
  /** Its whole environment. */
  env: Readonly<Record<string, string>>;
  /** Its pod's name. */
  hostname: string;
  /** What is mounted into it: texts by their paths. */
  files: ReadonlyMap<string, string>;
  /** What a mounted file holds. @throws Error when nothing is mounted there */
  file: (path: string) => string;
  /** Where the name of a Service leads. */
  route: (host: string, port: number) => Address;
  /** Takes a line of its log. */
  log: (line: string) => void;
  faults: Faults;
}

/** Ends a part that is about to start, as an exit code would: it logs why, and is restarted by the kubelet. */
export class StartError extends Error {}

/** A URL with the place where its host really is, and the host it names. */
export function routed(place: Place, url: string): { url: URL; named: URL } {
  const named = new URL(url);
  const standard = named.protocol === "https:" ? 443 : 80;
  const { host, port } = place.route(named.hostname, named.port === "" ? standard : Number(named.port));
  const there = new URL(named);
  there.hostname = host;
  there.port = String(port);
  return { url: there, named };
}
