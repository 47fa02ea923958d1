/**
 * Whether every subject that `subjects` means is one of those that `pattern` means: `noetl.commands.>` covers
 * `noetl.commands.shared.>`, `a.*` covers `a.b` and not `a.b.c`.
 *
 * @see https://docs.nats.io/nats-concepts/subjects
 */
export function covers(pattern: string, subjects: string): boolean {
  const wanted = subjects.split(".");
  const tokens = pattern.split(".");
  const tail = tokens.at(-1) === ">";
  const fixed = tail ? tokens.slice(0, -1) : tokens;
  if (tail ? wanted.length <= fixed.length : wanted.length !== fixed.length) return false;
  return fixed.every((token, index) => token === wanted[index] || (token === "*" && wanted[index] !== ">"));
}

/** Whether a subject exists that both patterns mean: `noetl.*.a` and `noetl.events.>` overlap in `noetl.events.a`. */
export function overlaps(one: string, other: string): boolean {
  const left = one.split(".");
  const right = other.split(".");
  for (const [index, token] of left.entries()) {
    const opposite = right[index];
    if (opposite === undefined) return false;
    if (token === ">" || opposite === ">") return true;
    if (token !== opposite && token !== "*" && opposite !== "*") return false;
  }
  return left.length === right.length;
}
