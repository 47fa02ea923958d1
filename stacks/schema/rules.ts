import type { PlatformConfig } from ".";

/** A name of a section: a key of the stack file without the project's prefix. */
export type SectionName = keyof PlatformConfig;

/** What a rule found. Paths begin with the section's name. */
export interface RuleProblem {
  path: readonly [SectionName, ...(string | number)[]];
  message: string;
  allowed?: string;
  next?: string;
  /** Another setting that the message is about. */
  see?: readonly [SectionName, ...(string | number)[]];
}

/** What must hold between settings. */
export interface Rule {
  /** Sections it reads; it is only asked when they are well-formed. */
  needs: readonly SectionName[];
  check(config: PlatformConfig): RuleProblem[];
}

function rule<Name extends SectionName>(
  needs: readonly Name[],
  check: (config: Pick<PlatformConfig, Name>) => RuleProblem[],
): Rule {
  return { needs, check };
}

/** Every rule between settings. */
export const RULES: readonly Rule[] = [
  rule(["server"], ({ server: { pool } }) =>
    pool.min <= pool.max
      ? []
      : [
          {
            path: ["server", "pool", "min"],
            message: `${pool.min} is more than pool.max, ${pool.max}`,
            allowed: `at most ${pool.max}`,
          },
        ],
  ),
];
