/** What a worker puts in the place of a credential. */
const REDACTED = "[REDACTED]";

const SENSITIVE_KEYS = /^(password|passwd|pwd|secret|token|api_?key|authorization|private_key)$/i;
const SENSITIVE_VALUES = /^(sk-ant-|ghp_|Bearer )/;

/** @returns the value with no credential in it, as far as names and prefixes tell */
export function scrub(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(scrub);
  if (typeof value === "string") return SENSITIVE_VALUES.test(value) ? REDACTED : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, SENSITIVE_KEYS.test(key) ? REDACTED : scrub(part)]),
  );
}
