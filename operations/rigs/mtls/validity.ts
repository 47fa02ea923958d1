import type { Evidence } from "../rig";

const DAY = 86_400_000;
/** Days that a certificate must hold on: renewals and people need some. */
const DAYS = 7;

/** Whether a certificate holds for some days more. @param validUntil ISO 8601 */
export function validityEvidence(listener: string, validUntil: string, now: Date): Evidence {
  const left = Math.floor((Date.parse(validUntil) - now.getTime()) / DAY);
  return {
    what: `certificate of ${listener}`,
    expected: `valid for ${DAYS} days or more`,
    seen: `valid until ${validUntil}, ${left} days`,
    ok: left >= DAYS,
  };
}
