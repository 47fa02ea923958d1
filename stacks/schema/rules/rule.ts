import type { PlatformConfig } from "..";

/** A section: a key of the stack file without the project's prefix. */
export type SectionName = keyof PlatformConfig;

/** A setting, beginning with its section. */
export type RulePath = readonly [SectionName, ...(string | number)[]];

/** What a rule found. */
export interface RuleProblem {
  path: RulePath;
  /** What is wrong, with the numbers. */
  message: string;
  /** What may be written at `path`. */
  allowed: string;
  next?: string;
  /** Another setting that the message is about. */
  see?: RulePath;
}

/** Something that must hold between settings. */
export interface Rule {
  /** The rule as a sentence without its final point, for the reference. */
  title: string;
  /** Sections it reads; it is asked only when they are well-formed by themselves. */
  needs: readonly SectionName[];
  check(config: PlatformConfig): RuleProblem[];
}

/** Makes a rule that can read no other sections than it needs. */
export function rule<Name extends SectionName>(
  title: string,
  needs: readonly Name[],
  check: (config: Pick<PlatformConfig, Name>) => RuleProblem[],
): Rule {
  return { title, needs, check };
}

/** The problem if a condition holds, as a list. */
export function when(condition: boolean, problem: RuleProblem): RuleProblem[] {
  return condition ? [problem] : [];
}

/** Where each item stands first. */
export function firstIndexes(items: readonly string[]): ReadonlyMap<string, number> {
  return new Map(items.map((item, index) => [item, index] as const).reverse());
}

/** Items that repeat an earlier one, by index: `[index, index of the first]`. */
export function repetitions(items: readonly string[]): [index: number, first: number][] {
  const firsts = firstIndexes(items);
  return items.flatMap((item, index) => {
    const first = firsts.get(item) ?? index;
    return first < index ? [[index, first] as [number, number]] : [];
  });
}

/** Each item with the first one of the same key, when that is an earlier one. */
export function withFirst<T>(items: readonly T[], keyOf: (item: T) => string): [item: T, first: T][] {
  return repetitions(items.map(keyOf)).flatMap(([index, first]) => {
    const [item, earlier] = [items[index], items[first]];
    return item === undefined || earlier === undefined ? [] : [[item, earlier] as [T, T]];
  });
}
