import type { ClusterSize } from "./facts";

/** A stream that follows a stream of another JetStream domain. */
export interface DomainMirror {
  /** Name of the mirror; a name of its own, since people otherwise take one for the other. */
  name: string;
  /** Stream to follow, in the same account. */
  stream: string;
  /** JetStream domain that the stream is in, as `membersOf` gives it. */
  domain: string;
  /** Copies, at most as many as there are servers. */
  replicas: ClusterSize;
  /** Where the copies are kept. */
  storage: "file" | "memory";
}

/** A stream's configuration, in the words of JetStream's API. */
export interface MirrorStreamConfig {
  name: string;
  storage: "file" | "memory";
  num_replicas: ClusterSize;
  mirror: { name: string; external: ExternalStream };
}

/** Where a stream of another domain is reached. */
export interface ExternalStream {
  /** Prefix of the other domain's API. */
  api: string;
  /** Prefix of what is delivered; empty, since leaf nodes carry every subject. */
  deliver: "";
}

/** Prefix of a domain's JetStream API, from everywhere that leaf nodes reach: `$JS.DOMAIN.API`. */
export function domainApi(domain: string): string {
  return `$JS.${domain}.API`;
}

/**
 * What to ask `$JS.API.STREAM.CREATE.NAME` for, to keep a copy of a stream of another domain up to date. A mirror binds no
 * subject, so nothing is stored twice, as it would be if both domains had a stream with the same subjects.
 */
export function mirrorConfig({ name, stream, domain, replicas, storage }: DomainMirror): MirrorStreamConfig {
  return {
    name,
    storage,
    num_replicas: replicas,
    mirror: { name: stream, external: { api: domainApi(domain), deliver: "" } },
  };
}
