import type { HttpRequest } from "./http";

/** A request to the internal API, with a body that changes nothing where the gate lets it in. */
type Guarded = Pick<HttpRequest, "method" | "path" | "body">;

/** The requests that nobody may make without the token. */
export const GUARDED: readonly Guarded[] = [
  { method: "GET", path: "/api/internal/outbox/pending-count" },
  { method: "POST", path: "/api/internal/outbox/mark-published", body: { outbox_ids: [] } },
  { method: "POST", path: "/api/internal/outbox/mark-failed", body: { outbox_id: 0, error: "" } },
  { method: "POST", path: "/api/internal/events/project", body: { events: [] } },
];

/** Ways to come without the right token: what they are called, and what they send. */
export function intruders(token: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  return new Map<string, Readonly<Record<string, string>>>([
    ["without a token", {}],
    ["with another token", { Authorization: `Bearer ${"0".repeat(token.length)}` }],
    ["with the token and more", { Authorization: `Bearer ${token}0` }],
    ["with the beginning of the token", { Authorization: `Bearer ${token.slice(0, -1)}` }],
    ["with an empty token", { Authorization: "Bearer " }],
    ["with the token of another scheme", { Authorization: `Basic ${token}` }],
  ]);
}
