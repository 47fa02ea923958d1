/** Stands where a sensitive value was. */
export const REDACTED = "<REDACTED>";

/** Keys whose value is never stored, whatever it is. */
const KEYS = new Set([
  "authorization",
  "proxy-authorization",
  "x-goog-user-project",
  "x-goog-api-key",
  "x-figma-token",
  "x-api-key",
  "api-key",
  "apikey",
  "access_token",
  "refresh_token",
  "id_token",
  "client_secret",
  "private_key",
  "password",
  "secret",
  "token",
  "set-cookie",
  "cookie",
]);

/** Keys below which no text is stored. Numbers and booleans stay: `total_tokens: 812` is a count. */
const PATTERN = /token|secret|passw(or)?d|passphrase|api[-_]?key|client[-_]?secret|private[-_]?key|credential/i;

/** The payload of an event without the values of sensitive keys, at any depth. */
export function redact(value: unknown, sensitive = false): unknown {
  if (Array.isArray(value)) return value.map((item) => redact(item, sensitive));
  if (typeof value === "string") return sensitive ? REDACTED : value;
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      KEYS.has(key.toLowerCase()) ? REDACTED : redact(item, sensitive || PATTERN.test(key)),
    ]),
  );
}
