import type { Called } from "../flight/call";
import { UNAUTHENTICATED } from "../flight/call";
import type { Evidence } from "../rig";
import { judged } from "./evidence";

/** What a caller of Flight must get: an answer, a refusal of its token, or no answer at all. */
export type Fate = "served" | "unknown" | "cut off";

/** A call and what it must lead to. */
export interface FlightCall {
  /** `with a certificate and no token`. */
  caller: string;
  fate: Fate;
  called: Called;
}

const EXPECTED: Readonly<Record<Fate, string>> = {
  served: "an answer",
  unknown: "UNAUTHENTICATED",
  "cut off": "no answer",
};

/** Each caller gets what it deserves, by TLS before gRPC, and by gRPC after it. */
export function judgeCalls(calls: readonly FlightCall[]): Evidence[] {
  return calls.map(({ caller, fate, called }) =>
    judged(`Flight called ${caller}`, EXPECTED[fate], seenOf(called), fateOf(called) === fate),
  );
}

function fateOf(called: Called): Fate {
  if (!called.answered) return "cut off";
  return called.status === UNAUTHENTICATED ? "unknown" : "served";
}

function seenOf(called: Called): string {
  if (!called.answered) return `no answer: ${called.reason}`;
  return called.status === UNAUTHENTICATED ? "UNAUTHENTICATED" : `an answer (gRPC status ${called.status})`;
}
