/**
 * Why a registry gave no manifest.
 *
 * - `absent`: it has none of that name, or not yet.
 * - `denied`: it wants to know who asks, or does not let them.
 * - `busy`: it has too much to do, or trouble of its own.
 * - `unreachable`: no answer came.
 * - `wrong`: what it answers cannot be true; asking again does not help.
 */
export type RegistryProblemKind = "absent" | "denied" | "busy" | "unreachable" | "wrong";

const NEXT: Record<RegistryProblemKind, string> = {
  absent: "wait for the package to be published, and check the name and the tag",
  denied: "check that the package is visible to whoever pulls it; for a private one, log in: docker login",
  busy: "run the command again later",
  unreachable: "check the network and DNS, here and on the nodes",
  wrong: "check what stands between this machine and the registry, such as a proxy or a mirror",
};

/** A registry gave no manifest. Never holds a token. */
export class RegistryProblem extends Error {
  /** What to do about it. */
  readonly next: string;

  constructor(
    readonly kind: RegistryProblemKind,
    message: string,
    /** Seconds that the registry wants to be left alone, if it says so. */
    readonly retryAfter?: number,
  ) {
    super(message);
    this.next = NEXT[kind];
  }

  /** Whether it may be gone when the registry is asked again. */
  get passes(): boolean {
    return this.kind === "absent" || this.kind === "busy" || this.kind === "unreachable";
  }
}
