import fc from "fast-check";

/** A stack file before it is text: leaves as they are written, groups as lists of pairs, so that a key may repeat. */
export type Tree = string | { list: Tree[] } | { group: [key: string, value: Tree][] };

/** Values that people and tools write where others belong. */
const STRANGE =
  "~ null true yes 0 -1 3 1.5 1e9 .inf .nan 010 0x1F 1_000 99999999999999999999 5GB -5Gi 0Gi 5Gi 1000Ti 2024-01-01 '' '5' kind gke external [] {} *nowhere ümlaut __proto__ << @x % - ?"
    .split(" ")
    .concat([
      "",
      "5 Gib",
      "250 m",
      "[1, 2]",
      "{ a: b }",
      "{ secure: v1:x }",
      "{ secure: 5 }",
      "!!binary aGk=",
      "&x y",
      "x: y",
      "' '",
      "'\\0'",
    ]);

/** Values that may do. */
const PLAUSIBLE =
  "1 2 3 8 40 512Mi 2Gi 6Gi 20Gi 500m 2.5 true false kind gke seed published other http://other:80".split(" ");

/** Keys that exist somewhere, keys that almost do, and keys that break things. */
const KEYS =
  "storage storge replicas maxConnections debug port mode image secure __proto__ constructor toString << noetl:nats nats noetl:natz webshop:x kubernetes:context 5 '' [a] a.b".split(
    " ",
  );

/** Characters that mean something in YAML. */
const CHARACTERS = Array.from("\t\n :-[]{}'\"#&*!|>%@`,?\u0001\uFEFFé0");

type Edit = (tree: Tree) => void;

/** Texts that are a few edits away from a valid stack file: in its values, keys, structure or characters. */
export function mutations(valid: Tree): fc.Arbitrary<string> {
  const edit = fc.oneof(valueEdit(), removal(), renaming(), addition());
  // Mostly one edit: the more there are, the surer one of them is a mistake.
  const structural = fc.oneof(
    edit.map((only) => [only]),
    edit.map((only) => [only]),
    fc.array(edit, { minLength: 2, maxLength: 3 }),
  );
  const textual = fc.array(characterEdit(), { maxLength: 2 });
  return fc.oneof(
    { weight: 3, arbitrary: structural.map((edits) => edited(valid, edits)) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(structural, textual)
        .map(([edits, more]) => more.reduce((text, edit) => edit(text), edited(valid, edits.slice(1)))),
    },
  );
}

function edited(valid: Tree, edits: readonly Edit[]): string {
  const tree = structuredClone(valid);
  for (const edit of edits) edit(tree);
  return textOf(tree);
}

/** The text of a tree in block style; lists of groups in flow style. */
export function textOf(tree: Tree, indent = ""): string {
  return typeof tree === "object" && "group" in tree
    ? tree.group.map(([key, value]) => `${indent}${key}:${valueText(value, indent)}\n`).join("")
    : flow(tree);
}

function valueText(value: Tree, indent: string): string {
  if (typeof value === "string" || ("list" in value && value.list.length === 0)) return ` ${flow(value)}`;
  if ("list" in value) return value.list.map((item) => `\n${indent}  - ${flow(item)}`).join("");
  return value.group.length === 0 ? " {}" : `\n${textOf(value, `${indent}  `).trimEnd()}`;
}

function flow(tree: Tree): string {
  if (typeof tree === "string") return tree;
  if ("list" in tree) return `[${tree.list.map(flow).join(", ")}]`;
  return `{ ${tree.group.map(([key, value]) => `${key}: ${flow(value)}`).join(", ")} }`;
}

/** Every pair of a tree, to be chosen by number. */
function pairsOf(tree: Tree): [string, Tree][] {
  if (typeof tree === "string") return [];
  if ("list" in tree) return tree.list.flatMap(pairsOf);
  return tree.group.flatMap((pair) => [pair, ...pairsOf(pair[1])]);
}

function pick<Item>(items: readonly Item[], at: number): Item | undefined {
  return items[at % Math.max(1, items.length)];
}

/** Another value in place of any. */
function valueEdit(): fc.Arbitrary<Edit> {
  return fc
    .tuple(fc.nat(), fc.oneof(fc.constantFrom(...STRANGE), fc.constantFrom(...PLAUSIBLE)))
    .map(([at, text]) => (tree) => {
      const pair = pick(pairsOf(tree), at);
      if (pair) pair[1] = text;
    });
}

/** Another key. */
function renaming(): fc.Arbitrary<Edit> {
  return fc.tuple(fc.nat(), fc.constantFrom(...KEYS)).map(([at, key]) => (tree) => {
    const pair = pick(pairsOf(tree), at);
    if (pair) pair[0] = key;
  });
}

/** One setting or list entry less. */
function removal(): fc.Arbitrary<Edit> {
  return fc.tuple(fc.nat(), fc.nat()).map(([at, index]) => (tree) => {
    const group = pick(
      ["", tree, ...pairsOf(tree).map(([, value]) => value)].filter((value) => typeof value === "object"),
      at,
    );
    const items: unknown[] = group === undefined ? [] : "list" in group ? group.list : group.group;
    if (items.length > 0) items.splice(index % items.length, 1);
  });
}

/** One setting more: a key of its own or a repeated one, with a value of its own or another's. */
function addition(): fc.Arbitrary<Edit> {
  return fc.tuple(fc.nat(), fc.nat(), fc.option(fc.constantFrom(...KEYS))).map(([at, from, key]) => (tree) => {
    const source = pick(pairsOf(tree), from);
    const target = pick(
      pairsOf(tree)
        .map(([, value]) => value)
        .filter((value) => typeof value === "object"),
      at,
    );
    if (!source || target === undefined) return;
    const copy = structuredClone(source);
    if ("list" in target) target.list.push(copy[1]);
    else target.group.push([key ?? copy[0], copy[1]]);
  });
}

/** Some characters replaced by one that matters. */
function characterEdit(): fc.Arbitrary<(text: string) => string> {
  return fc
    .tuple(fc.nat(), fc.nat({ max: 4 }), fc.constantFrom("", ...CHARACTERS))
    .map(([at, length, inserted]) => (text: string) => {
      const start = at % Math.max(1, text.length);
      return `${text.slice(0, start)}${inserted}${text.slice(start + length)}`;
    });
}
