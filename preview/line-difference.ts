/** One line of a text difference: common, added or removed. */
export interface DifferenceLine {
  sign: " " | "+" | "-";
  text: string;
}

/** Above this many comparisons a block counts as replaced as a whole. */
const MOST_COMPARISONS = 250_000;

/** The shortest way from one text to another, line by line. */
export function differenceLines(before: string, after: string): DifferenceLine[] {
  const old = before.split("\n");
  const now = after.split("\n");
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, now.length) - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  return [
    ...old.slice(0, start).map(line(" ")),
    ...middleLines(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    ...old.slice(old.length - end).map(line(" ")),
  ];
}

/** Only the changed lines with some common ones around each; `undefined` stands where lines were left out. */
export function hunks(lines: DifferenceLine[], context: number): (DifferenceLine | undefined)[] {
  const near = new Set<number>();
  lines.forEach(({ sign }, index) => {
    if (sign === " ") return;
    for (let at = index - context; at <= index + context; at++) near.add(at);
  });
  const shown: (DifferenceLine | undefined)[] = [];
  lines.forEach((entry, index) => {
    if (near.has(index)) shown.push(entry);
    else if (shown.length > 0 && shown.at(-1) !== undefined) shown.push(undefined);
  });
  if (shown.length > 0 && shown.at(-1) === undefined) shown.pop();
  return shown;
}

function middleLines(old: string[], now: string[]): DifferenceLine[] {
  if (old.length * now.length > MOST_COMPARISONS) return [...old.map(line("-")), ...now.map(line("+"))];
  const common = commonLengths(old, now);
  const lines: DifferenceLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < now.length) {
    if (i < old.length && j < now.length && old[i] === now[j]) {
      lines.push({ sign: " ", text: old[i++] ?? "" });
      j++;
    } else if (j >= now.length || (i < old.length && length(common, i + 1, j) >= length(common, i, j + 1))) {
      lines.push({ sign: "-", text: old[i++] ?? "" });
    } else lines.push({ sign: "+", text: now[j++] ?? "" });
  }
  return lines;
}

/** Length of the longest common subsequence of what follows each pair of positions. */
function commonLengths(old: string[], now: string[]): Uint32Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint32Array(now.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    const row = table[i];
    if (!row) continue;
    for (let j = now.length - 1; j >= 0; j--) {
      row[j] =
        old[i] === now[j]
          ? length(table, i + 1, j + 1) + 1
          : Math.max(length(table, i + 1, j), length(table, i, j + 1));
    }
  }
  return table;
}

function length(table: Uint32Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

function line(sign: DifferenceLine["sign"]): (text: string) => DifferenceLine {
  return (text) => ({ sign, text });
}
