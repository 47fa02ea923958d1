import type { Impact } from "./report";

/** What people call an impact, of one resource and of several. */
export const IMPACT_WORDS: Record<Impact, readonly [one: string, more: string]> = {
  "data-at-risk": ["data at risk", "data at risk"],
  refused: ["refused", "refused"],
  replace: ["replaced", "replaced"],
  delete: ["deleted", "deleted"],
  "capacity-drop": ["with less capacity", "with less capacity"],
  "rolling-restart": ["rolling restart", "rolling restarts"],
  "secret-rotation": ["secret that changes", "secrets that change"],
  "config-reload": ["reloaded", "reloaded"],
  update: ["updated", "updated"],
  create: ["created", "created"],
};

/** A time that something takes at most: `90 s`, `6 min`. */
export function durationText(seconds: number): string {
  return seconds < 120 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
}
