/**
 * Name of a generation's root, and of what cert-manager makes for it. The first has the name that the platform has
 * always had.
 */
export function rootName(generation: number): string {
  return generation === 1 ? "noetl-ca" : `noetl-ca-${generation}`;
}

/** The generation of such a name; undefined of any other. */
export function generationOf(name: string): number | undefined {
  const [, number = "1"] = /^noetl-ca(?:-(\d+))?$/.exec(name) ?? [undefined, ""];
  return number === "" ? undefined : Number(number);
}
