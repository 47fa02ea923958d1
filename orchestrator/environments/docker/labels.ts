/** Labels on everything that is made: what an earlier process has left is found by them. */
export const LABELS = {
  /** Id of the environment. */
  environment: "io.noetl.environment",
  /** The orchestrator it belongs to, by its storage: two of them can share a Docker. */
  owner: "io.noetl.environment.owner",
  /** When it may be removed by anybody: milliseconds since 1970. */
  expires: "io.noetl.environment.expires",
  container: "io.noetl.environment.container",
  node: "io.noetl.environment.node",
  /** As it was asked for: what runs is the id that this meant when it was made. */
  image: "io.noetl.environment.image",
} as const;

/** Whose something is. */
export interface Ownership {
  /** Id of the environment. */
  environment: string;
  owner: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export function labelsOf({ environment, owner, expiresAt }: Ownership): Record<string, string> {
  return { [LABELS.environment]: environment, [LABELS.owner]: owner, [LABELS.expires]: String(expiresAt) };
}
