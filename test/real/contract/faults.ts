/** What a part of the contract platform can do wrong on purpose, each as a real one might. */
export const FAULTS = {
  "hash seed off by one": "the server's shard function starts from seed 1",
  "big-endian bytes": "the server hashes the id's bytes in the other order",
  "gateway hash seed off by one": "the gateway's shard function starts from seed 1",
  "execution on the wrong shard": "the first execution's events go to another shard's database than the function says",
  "metrics missing": "the server and the workers answer 404 for /metrics",
  "token check accepts everything": "the internal API lets everybody in who sends any Authorization header",
  "projection not idempotent": "a projected event that is there already is counted as projected again",
  "published outbox rows come back": "mark-published answers as it should, and changes nothing",
  "system path on the shared consumer": "commands of playbooks below system/ are published to the shared segment",
  "wrong content hash": "the result store tells another SHA-256 than that of the bytes",
  "rows lost in the result store": "resolving a result leaves its last row out",
  "parity difference": "the Rust server names a field of its pool status otherwise than the Python server",
  "events lost under load": "the server acknowledges events, and stores all but every fiftieth",
  "no credential scrub": "the Rust worker leaves passwords and keys in its results",
  "over-budget result kept inline": "the Rust worker puts a result of any size into its event",
  "wrong row count": "the reference of a result tells one row less than there are",
  "playbooks rejected": "the catalog takes no document",
  "commands left lying": "the workers hand every command back",
  "fetch fails": "the tool result_fetch ends with an error",
  "TLS asks for no client certificate": "server and Flight take clients that present none, though told to refuse them",
  "Flight takes any token": "Flight looks at no bearer token",
  "Flight without TLS": "Flight speaks plain text, though given a certificate",
} as const;

/** The name of a fault. */
export type Fault = keyof typeof FAULTS;

/** The faults that are on; shared by all parts of a platform, and looked at whenever one would matter. */
export class Faults {
  readonly #on = new Set<Fault>();

  has(fault: Fault): boolean {
    return this.#on.has(fault);
  }

  /** Makes these, and no others, wrong. */
  only(...faults: Fault[]): void {
    this.#on.clear();
    for (const fault of faults) this.#on.add(fault);
  }
}
