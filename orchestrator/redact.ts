import type { LogLine } from "./storage/storage";
import type { Json } from "./tasks/json";

/** What stands where a secret was. */
export const HIDDEN = "[secret]";

/** Names whose values are secrets. */
const NAME =
  "passw(?:or)?d|passphrase|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?|authorization";

/**
 * Texts that are secrets by their form; what a pattern keeps stands in its group. All that repeats before something that
 * must follow is bounded, and nothing stands before what is rare: else a long text takes the square of its length.
 */
const FORMS: readonly RegExp[] = [
  /()-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b()noetl_[\w-]{43}/g,
  // Tokens of OpenID providers, of clouds, of code hosts, of Pulumi, of Vault; seeds of NATS.
  /(?<![\w-])()eyJ[\w-]{10,2000}\.[\w-]{10,8000}\.[\w-]*/g,
  /\b()(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\b()AIza[\w-]{35}/g,
  /\b()ya29\.[\w-]{20,}/g,
  /\b()(?:gh[pousr]_\w{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abprs]-[\w-]{10,})/g,
  /\b()pul-[0-9a-f]{40}\b/g,
  /\b()hv[sb]\.[\w-]{20,}/g,
  /\b()S[UAO][A-Z2-7]{56}\b/g,
  // What an address or a header lets in with.
  /(:\/\/[^\s:/@]{0,200}:)[^\s@/]{1,2000}(?=@)/gi,
  /\b((?:bearer|basic)\s{1,9})[\w.~+/=-]{8,}/gi,
  // name=value, "name": "value", and name: value where the name stands by itself.
  new RegExp(`((?:${NAME})[\\w.-]{0,60}=)(?:"[^"]*"|'[^']*'|[^\\s,;&"']+)`, "gi"),
  new RegExp(`((?:${NAME})[\\w.-]{0,60}"\\s{0,9}:\\s{0,9})"(?:[^"\\\\]|\\\\.)*"`, "gi"),
  new RegExp(`((?<![\\w./-])(?:${NAME}):\\s{1,9})(?:"[^"]*"|'[^']*'|[^\\s,;]+)`, "gi"),
];

/** What each form has in it: most texts of a service's log are short words, and need not be held against all of them. */
const SUSPECT = /[=:\s]|[\w.-]{15}/;

const SECRET_NAME = new RegExp(`^[\\w.-]*(?:${NAME})$`, "i");
/** Texts that are remembered, and the longest of them. */
const MOST_KEPT = 1000;
const LONGEST_KEPT = 100;
/** A shorter value stands in too many words to be taken out of texts. */
const SHORTEST = 8;

/** A text without what looks like a secret. */
export function withoutSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return FORMS.reduce((left, form) => left.replace(form, `$1${HIDDEN}`), text);
}

/** Takes secrets out of what leaves the service: those that are known, and what looks like one. */
export class Redactor {
  private readonly known: readonly string[];
  /** Names that are no secret and not a secret's: a service's log has few. */
  private readonly plain = new Set<string>();
  /** Values that were clean lately: most of a log come again and again. */
  private readonly clean = new Set<string>();

  /** @param known Values that are secrets whatever they look like. */
  constructor(known: readonly string[] = []) {
    // Without what a file ends with; longer ones first: one may be the beginning of another.
    const values = new Set(known.map((value) => value.trim()).filter(({ length }) => length >= SHORTEST));
    this.known = [...values].sort((a, b) => b.length - a.length);
  }

  /** One that knows further ones. */
  with(more: readonly string[]): Redactor {
    return more.length === 0 ? this : new Redactor([...this.known, ...more]);
  }

  text(text: string): string {
    return withoutSecrets(this.known.reduce((left, secret) => left.replaceAll(secret, HIDDEN), text));
  }

  /** The same of all texts in a value, and of all that stands under the name of a secret. */
  json(value: Json): Json {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((one) => this.json(one));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        this.text(name),
        typeof one === "string" && SECRET_NAME.test(name) ? HIDDEN : this.json(one),
      ]),
    );
  }

  /** The same of an entry of a log: most have nothing to take out, and stay as they are. */
  entry<T extends Record<string, string | number | boolean | null>>(entry: T): T {
    for (const name in entry) {
      const value = entry[name];
      if (!this.isPlain(name) || (typeof value === "string" && !this.isClean(value))) return this.json(entry) as T;
    }
    return entry;
  }

  private isPlain(name: string): boolean {
    if (this.plain.has(name)) return true;
    if (SECRET_NAME.test(name) || this.text(name) !== name) return false;
    remember(this.plain, name);
    return true;
  }

  private isClean(value: string): boolean {
    if (this.clean.has(value)) return true;
    if (this.text(value) !== value) return false;
    remember(this.clean, value);
    return true;
  }

  /** Lines of one task, in their order: a key goes over several. */
  lines(): (lines: readonly LogLine[]) => LogLine[] {
    let inKey = false;
    return (lines) =>
      lines.map((line) => {
        const ends = /-----END [A-Z ]*PRIVATE KEY-----/.test(line.text);
        const text = inKey ? HIDDEN : this.text(line.text);
        inKey = (inKey || /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(line.text)) && !ends;
        return { ...line, text };
      });
  }
}

/** Others that are new each time must not be kept: what comes again is soon here again. */
function remember(texts: Set<string>, text: string): void {
  if (text.length > LONGEST_KEPT) return;
  if (texts.size >= MOST_KEPT) texts.clear();
  texts.add(text);
}
