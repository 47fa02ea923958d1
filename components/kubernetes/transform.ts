/** An escape hatch: gets what a component made for a child and returns what the child shall be. */
export type Transform<T> = (args: T) => T;

/** Applies an escape hatch where one is given. */
export function apply<T>(transform: Transform<T> | undefined, args: T): T {
  return transform ? transform(args) : args;
}
