import type { Outcome } from "./handshake";
import type { Listener } from "./listeners";

/** How a client comes to a listener. */
export const COMERS = [
  "right certificate",
  "no certificate",
  "another authority",
  "expired",
  "no TLS",
  "TLS 1.3",
  "TLS 1.2",
  "TLS 1.1",
  "TLS 1.0",
  "roots of another authority",
  "another name",
] as const;
export type Comer = (typeof COMERS)[number];

/** What must become of a client: it gets through, or somebody refuses. */
export type Verdict = "accepted" | "refused by server" | "refused by client";

/** One field of the matrix. */
export interface Expected {
  comer: Comer;
  verdict: Verdict;
}

/**
 * What must become of each client of a listener. A server that asks for no certificate does not look at one either, so
 * that of those nothing is expected.
 */
export function expectedOf({ mutual, plainToo }: Pick<Listener, "mutual" | "plainToo">): Expected[] {
  const strangers: Expected[] = mutual
    ? [
        { comer: "no certificate", verdict: "refused by server" },
        { comer: "another authority", verdict: "refused by server" },
        { comer: "expired", verdict: "refused by server" },
      ]
    : [{ comer: "no certificate", verdict: "accepted" }];
  return [
    { comer: "right certificate", verdict: "accepted" },
    ...strangers,
    { comer: "no TLS", verdict: plainToo ? "accepted" : "refused by server" },
    { comer: "TLS 1.3", verdict: "accepted" },
    { comer: "TLS 1.2", verdict: "accepted" },
    { comer: "TLS 1.1", verdict: "refused by server" },
    { comer: "TLS 1.0", verdict: "refused by server" },
    { comer: "roots of another authority", verdict: "refused by client" },
    { comer: "another name", verdict: "refused by client" },
  ];
}

/** What became of a client. */
export function verdictOf(outcome: Outcome): Verdict {
  return outcome.accepted ? "accepted" : `refused by ${outcome.by}`;
}

/** What was seen, in words: `accepted with TLSv1.3`, `refused by server: certificate required`. */
export function seen(outcome: Outcome): string {
  return outcome.accepted ? `accepted with ${outcome.version}` : `refused by ${outcome.by}: ${outcome.reason}`;
}
