import { isMap, isPair, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import type { Path } from "./path";

/** A position in the text where something is missing below: a map, or the key of an empty group. */
export type Place = Node | null;

export function childOf(node: Place, step: string | number): Node | undefined {
  if (isMap(node)) return pairOf(node, step)?.value as Node | undefined;
  if (isSeq(node) && typeof step === "number") return node.items[step] as Node | undefined;
  return undefined;
}

export function pairOf(map: YAMLMap, step: string | number) {
  return map.items.find(({ key }) => isScalar(key) && String(key.source ?? key.value) === String(step));
}

export function keyOf(node: Place, step: string | number): Node | null {
  return isMap(node) ? ((pairOf(node, step)?.key as Node | undefined) ?? null) : null;
}

export function nodeAt(root: Place, steps: Path): Place {
  return steps.reduce<Place>((node, step) => childOf(node, step) ?? null, root);
}

/** Where the last line of a node ends, behind its comment. */
export function endOfLines(text: string, node: Node): number {
  const last = lastLeaf(node);
  return lineEnd(text, rangeOf(last)[1]);
}

function lastLeaf(node: Node): Node {
  const last = isMap(node) || isSeq(node) ? node.items.at(-1) : undefined;
  if (last === undefined || (isMap(node) && node.flow === true) || (isSeq(node) && node.flow === true)) return node;
  return lastLeaf(isPair(last) ? ((last.value ?? last.key) as Node) : (last as Node));
}

export function lineEnd(text: string, offset: number): number {
  if (offset > 0 && text[offset - 1] === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end < 0 ? text.length : end + 1;
}

export function columnOf(text: string, offset: number): number {
  return offset - text.lastIndexOf("\n", offset - 1) - 1;
}

export function lineBreakOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

export function rangeOf(node: Node): [number, number] {
  const [start = 0, end = 0] = node.range ?? [];
  return [start, end];
}
