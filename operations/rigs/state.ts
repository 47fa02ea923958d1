import type { Evidence, Step } from "./rig";

/** A step that says what was found, once it is known. */
export function stating(title: string, evidence: () => readonly Evidence[]): Step {
  return {
    phase: "assert",
    title,
    run: (context) => {
      for (const { what, expected, seen, ok } of evidence()) context.expect(what, expected, seen, ok);
      return Promise.resolve();
    },
  };
}
