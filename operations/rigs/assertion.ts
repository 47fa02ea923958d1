import type { RigContext } from "./context";
import type { Evidence, Step } from "./rig";

/** A step that looks at something, and says what must be so and what is. */
export function assertion(title: string, look: (context: RigContext) => Promise<readonly Evidence[]>): Step {
  return {
    phase: "assert",
    title,
    run: async (context) => {
      for (const { what, expected, seen, ok } of await look(context)) context.expect(what, expected, seen, ok);
    },
  };
}
