import type { Made, Settings } from "./program";

type BuiltIn = Extract<NonNullable<Settings["tls"]>, { mode: "builtIn" }>;

const DAY = 86_400_000;

/** A day so many days from now: what is deployed now must hold now. */
function day(fromNow: number): string {
  return new Date(Date.now() + fromNow * DAY).toISOString().slice(0, "2026-11-21".length);
}

/** Settings with a built-in authority and all of Flight's trust, under which any two peers of one moment get along. */
export function trusting(ca: Partial<BuiltIn["ca"]> = {}, leaves: Partial<BuiltIn["leaves"]> = {}): Settings {
  return {
    tls: {
      mode: "builtIn",
      ca: { generation: 1, trusted: [FIRST], ...ca },
      leaves: { issuedOn: day(-1), days: 90, ...leaves },
    },
    pythonServer: {},
    flight: {},
  };
}

const FIRST = { generation: 1, issuedOn: day(-400) };
const SECOND = { generation: 2, issuedOn: day(-2) };

/** The four moments of a roll from one root to the next. */
export const PHASES = {
  before: trusting(),
  "both trusted": trusting({ trusted: [FIRST, SECOND] }),
  "the new one signs": trusting({ generation: 2, trusted: [FIRST, SECOND] }),
  "the old one dropped": trusting({ generation: 2, trusted: [SECOND] }),
} as const satisfies Record<string, Settings>;

/** Settings whose certificates are over: a root of ten years, and a leaf of one of them. */
export const EXPIRED = trusting(
  { trusted: [{ generation: 1, issuedOn: day(-800) }] },
  { issuedOn: day(-790), days: 365 },
);

/** Certificate, key and roots of one peer, PEM. */
export interface Peer {
  cert: string;
  key: string;
  ca: string;
}

export function serverOf(made: Made): Peer {
  const data = made.secret("noetl-flight-tls");
  return { cert: data["server.crt"] ?? "", key: data["server.key"] ?? "", ca: data["client-ca.crt"] ?? "" };
}

export function clientOf(made: Made): Peer {
  const data = made.secret("noetl-flight-client");
  return { cert: data["client.crt"] ?? "", key: data["client.key"] ?? "", ca: data["server-ca.crt"] ?? "" };
}
