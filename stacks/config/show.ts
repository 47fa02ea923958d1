import type { Entry } from "./entry";
import { shorten } from "./path";

const LONGEST = 60;

/** A value as the user wrote it, for a message: text in quotes, long text cut, passwords in URLs left out. */
export function show(entry: Entry): string {
  if (entry.kind === "list") return "a list";
  if (entry.kind === "map") return "a group of settings";
  const text = shorten(withoutPassword(entry.text), LONGEST);
  return typeof entry.value === "string" ? `"${text}"` : text;
}

function withoutPassword(text: string): string {
  return text.replaceAll(/\/\/[^/@]*@/g, "//…@");
}
