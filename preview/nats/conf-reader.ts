import type { JsonObject } from "../json";
import type { Json } from "../graph";

/** A nats.conf that nats-server would not read either. */
export class ConfSyntaxError extends Error {
  constructor(
    message: string,
    /** Line of the text, from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}

/**
 * Reads nats-server's configuration language: `key: value`, `key = value` or `key value`, blocks, lists, `#` and `//`
 * comments, quoted texts. Every scalar is text as written (`5GB`, `true`, `$POD_NAME`), since what it means depends on its
 * key. Variables are not replaced and included files not read; `include` holds their names.
 *
 * @see https://docs.nats.io/running-a-nats-service/configuration#configuration-file-format
 * @throws ConfSyntaxError when a block, list or text does not end, or a value is missing.
 */
export function readConf(text: string): JsonObject {
  return new Reader(text).file();
}

const SPACE = /(?:\s|#[^\n]*|\/\/[^\n]*)*/y;
/** Between a key and its value; a block needs nothing there. */
const SEPARATOR = /[^\S\n]*[:=]?(?:\s|#[^\n]*|\/\/[^\n]*)*/y;
const BETWEEN = /(?:[\s,;]|#[^\n]*|\/\/[^\n]*)*/y;
const QUOTED = /"((?:[^"\\]|\\[^])*)"|'([^']*)'/y;
const KEY = /[^\s:={}[\],;"']+/y;
const BARE = /[^\s,;{}[\]"'][^\s,;}\]]*/y;
const ESCAPES: Record<string, string> = { n: "\n", r: "\r", t: "\t" };

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  file(): JsonObject {
    this.take(SPACE);
    const wrapped = this.next("{");
    const block = this.entries(wrapped ? "}" : undefined);
    this.take(BETWEEN);
    if (this.at < this.text.length) this.fail(`unexpected ${JSON.stringify(this.text[this.at])}`);
    return block;
  }

  /** The entries of a block up to its end, or of the file. */
  private entries(end: "}" | undefined): JsonObject {
    const start = this.at;
    const block: JsonObject = {};
    for (;;) {
      this.take(BETWEEN);
      if (end !== undefined && this.next(end)) return block;
      if (this.at >= this.text.length) {
        if (end === undefined) return block;
        this.fail("a block that begins here does not end", start);
      }
      this.entry(block);
    }
  }

  private entry(block: JsonObject): void {
    const key = this.quoted() ?? this.take(KEY)?.[0];
    if (key === undefined) this.fail(`unexpected ${JSON.stringify(this.text[this.at])}`);
    this.take(SEPARATOR);
    const value = this.value();
    if (value === undefined) this.fail(`no value of ${key}`);
    if (key !== "include") block[key] = value;
    else block[key] = [...(Array.isArray(block[key]) ? block[key] : []), value];
  }

  private value(): Json | undefined {
    if (this.next("{")) return this.entries("}");
    if (this.next("[")) return this.list();
    return this.quoted() ?? this.take(BARE)?.[0];
  }

  private list(): Json[] {
    const start = this.at;
    const items: Json[] = [];
    for (;;) {
      this.take(BETWEEN);
      if (this.next("]")) return items;
      const value = this.value();
      if (value === undefined) this.fail("a list that begins here does not end", start);
      items.push(value);
    }
  }

  private quoted(): string | undefined {
    const match = this.take(QUOTED);
    if (!match) {
      if (this.text[this.at] === '"' || this.text[this.at] === "'") this.fail("a text that begins here does not end");
      return undefined;
    }
    const [, double, single] = match;
    if (double === undefined) return single ?? "";
    return double.replace(/\\(?:x([0-9a-fA-F]{2})|([^]))/g, (_, hex: string | undefined, char: string | undefined) =>
      hex === undefined ? (ESCAPES[char ?? ""] ?? char ?? "") : String.fromCharCode(parseInt(hex, 16)),
    );
  }

  private next(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match) this.at += match[0].length;
    return match ?? undefined;
  }

  private fail(message: string, at = this.at): never {
    throw new ConfSyntaxError(message, this.text.slice(0, at).split("\n").length);
  }
}
