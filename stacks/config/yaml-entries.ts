import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Pair, type YAMLMap } from "yaml";
import type { Entry, ListEntry, MapEntry, Position, ScalarEntry } from "./entry";
import { formatPath, shorten, type Path } from "./path";
import type { ConfigProblem } from "./problem";

/** Values that aliases may add to a file before it counts as an attack on memory. */
const MAX_ALIASED = 20_000;
const MAX_DEPTH = 40;
const MAX_TEXT = 4096;

const PLAIN_TAGS = new Set(
  ["map", "seq", "str", "int", "float", "bool", "null"].map((tag) => `tag:yaml.org,2002:${tag}`),
);

/** What a parsed file holds, aliases and merges expanded as Pulumi expands them. */
export interface YamlEntries {
  root: Entry;
  problems: ConfigProblem[];
}

/** Makes entries of a YAML document; problems are what YAML allows and a stack file does not. */
export function yamlEntries(document: Document, lines: LineCounter): YamlEntries {
  const reader = new EntryReader(lines);
  return { root: reader.read(document.contents, []), problems: reader.problems };
}

class EntryReader {
  readonly problems: ConfigProblem[] = [];
  /** The latest node before the current one under each anchor, which is the one an alias means. */
  private readonly anchors = new Map<string, unknown>();
  private readonly open = new Set<unknown>();
  private aliases = 0;
  private aliased = 0;

  constructor(private readonly lines: LineCounter) {}

  read(node: unknown, path: Path, key?: Position): Entry {
    if (this.aliases > 0) this.aliased++;
    if (this.aliased > MAX_ALIASED || path.length > MAX_DEPTH) return this.refuseGrowth(node, path, key);
    if (isAlias(node)) return this.readAlias(node.source, node, path, key);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.anchors.set(anchor, node);

    const written = { ...(key && { key }), ...this.at(node) };
    this.open.add(node);
    const entry = this.readNode(node, path, written);
    this.open.delete(node);
    return entry;
  }

  private readNode(node: unknown, path: Path, written: Pick<Entry, "key" | "at">): Entry {
    this.refuseTag(node, path);
    if (isMap(node)) return { kind: "map", ...written, children: this.readMap(node, path) } satisfies MapEntry;
    if (isSeq(node)) {
      const children = node.items.map((item, index) => this.read(item, [...path, index]));
      return { kind: "list", ...written, children } satisfies ListEntry;
    }
    return { kind: "scalar", ...written, ...this.readScalar(node, path) } satisfies ScalarEntry;
  }

  private readScalar(node: unknown, path: Path): Pick<ScalarEntry, "value" | "text" | "quoted"> {
    if (!isScalar(node)) return { value: null, text: "", quoted: false };
    const value = isPlainValue(node.value) ? node.value : null;
    const text = node.source ?? "";
    if (text.length > MAX_TEXT && path.at(-1) !== "secure") {
      this.refuse(node, path, `${text.length} characters are too many`, `at most ${MAX_TEXT} characters`);
    }
    return { value, text, quoted: node.type !== "PLAIN" || node.tag === "tag:yaml.org,2002:str" };
  }

  /** Tags such as `!!binary` and `!!timestamp` mean values that JSON, and so Pulumi, cannot carry. */
  private refuseTag(node: unknown, path: Path): void {
    const tag = (node as { tag?: string } | null)?.tag;
    if (tag !== undefined && !PLAIN_TAGS.has(tag))
      this.refuse(node, path, "a tag that Pulumi cannot read", "values without tags");
  }

  private readMap(node: YAMLMap, path: Path): Map<string, Entry> {
    const children = new Map<string, Entry>();
    const merged = new Map<string, Entry>();
    for (const pair of node.items) {
      if (isMergeKey(pair)) this.readMerge(pair.value, path, merged);
      else this.readPair(pair, path, children);
    }
    // A map's own keys win over merged ones, wherever `<<` stands.
    for (const [name, entry] of merged) if (!children.has(name)) children.set(name, entry);
    return children;
  }

  private readPair(pair: Pair, path: Path, children: Map<string, Entry>): void {
    const name = this.keyText(pair.key, path);
    if (name === undefined) return;
    const key = this.at(pair.key).at;
    const earlier = children.get(name);
    if (earlier) {
      const first = earlier.key ? `, first on line ${earlier.key.line}` : "";
      this.refuse(pair.key, [...path, name], `is given twice${first}`, "each key once");
      return;
    }
    children.set(name, this.read(pair.value, [...path, name], key));
  }

  private keyText(key: unknown, path: Path): string | undefined {
    if (isScalar(key) && key.value !== null) return key.source;
    this.refuse(key, path, "a key is not plain text", "keys of letters");
    return undefined;
  }

  private readMerge(value: unknown, path: Path, merged: Map<string, Entry>): void {
    const sources = isSeq(value) ? value.items : [value];
    for (const source of sources) {
      const entry = this.read(source, path);
      if (entry.kind !== "map") {
        this.refuse(
          value,
          [...path, "<<"],
          "there is nothing to merge",
          "an alias such as *defaults of a group of keys",
        );
        return;
      }
      for (const [name, child] of entry.children) if (!merged.has(name)) merged.set(name, child);
    }
  }

  private readAlias(name: string, node: unknown, path: Path, key?: Position): Entry {
    const target = this.anchors.get(name);
    if (target === undefined) {
      this.refuse(
        node,
        path,
        "an alias refers to an anchor that does not stand above it",
        "an alias of an anchor above",
      );
      return this.nothing(node, key);
    }
    if (this.open.has(target)) {
      this.refuse(node, path, "an alias refers to the value that holds it", "an alias of an anchor above");
      return this.nothing(node, key);
    }
    this.aliases++;
    const entry = this.read(target, path);
    this.aliases--;
    return { ...entry, ...(key && { key }) };
  }

  private refuseGrowth(node: unknown, path: Path, key?: Position): Entry {
    const tooDeep = path.length > MAX_DEPTH;
    // One is enough: a bomb would report itself thousands of times.
    if (tooDeep || this.aliased === MAX_ALIASED + 1) {
      const message = tooDeep ? "is nested too deeply" : `aliases expand to more than ${MAX_ALIASED} values`;
      this.refuse(
        node,
        path.slice(0, 4),
        message,
        tooDeep ? `at most ${MAX_DEPTH} levels` : "fewer or smaller aliases",
      );
    }
    return this.nothing(node, key);
  }

  private nothing(node: unknown, key?: Position): Entry {
    return { kind: "scalar", value: null, text: "", quoted: false, ...(key && { key }), ...this.at(node) };
  }

  private refuse(node: unknown, path: Path, message: string, allowed: string): void {
    const { at } = this.at(node);
    this.problems.push({ path: formatFilePath(path), ...at, message, allowed });
  }

  private at(node: unknown): { at?: Position } {
    const offset = (node as { range?: [number, number, number] } | null)?.range?.[0];
    if (offset === undefined) return {};
    const { line, col } = this.lines.linePos(offset);
    return { at: { line, column: col } };
  }
}

function isPlainValue(value: unknown): value is ScalarEntry["value"] {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isMergeKey({ key }: Pair): boolean {
  return isScalar(key) && key.source === "<<" && key.type === "PLAIN";
}

/** A path from the root of a stack file; settings drop the `config` that they all stand under. */
function formatFilePath(path: Path): string {
  const [first, second] = path;
  if (first === undefined) return "config";
  return shorten(formatPath(first === "config" && second !== undefined ? path.slice(1) : path), 200);
}
