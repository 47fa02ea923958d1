/** How long certificates hold. */
export interface Lifetime {
  /** The day from whose beginning, in UTC, they hold: `2026-11-21`. */
  issuedOn: string;
  /** How many days they hold. */
  days: number;
}

const DAY = 24 * 60 * 60 * 1000;

/** The moment from which a certificate holds. */
export function startOf({ issuedOn }: Pick<Lifetime, "issuedOn">): Date {
  return new Date(`${issuedOn}T00:00:00Z`);
}

/** The moment from which it no longer does. */
export function endOf({ issuedOn, days }: Lifetime): Date {
  return new Date(startOf({ issuedOn }).getTime() + days * DAY);
}

/** The first day on which a certificate no longer holds: `2027-11-21`. */
export function expiryDay(lifetime: Lifetime): string {
  return endOf(lifetime).toISOString().slice(0, "2026-11-21".length);
}

/** How many days there are from one to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return (startOf({ issuedOn: to }).getTime() - startOf({ issuedOn: from }).getTime()) / DAY;
}
