import { differences } from "./differences";
import type { Recorded } from "./journal";
import { asked, formatRef, readObject, refOf } from "./objects";
import type { Reach } from "./reach";
import type { Evidence } from "./rig";

/**
 * Looks that say of each object that was changed whether it is as it was before the first change of it.
 *
 * @param changes in the order in which they were made
 */
export function asBefore(changes: readonly Recorded[]): ((reach: Reach) => Promise<Evidence>)[] {
  const seen = new Set<string>();
  return changes.flatMap(({ undo }) => {
    if (undo.kind !== "restore") return [];
    const ref = refOf(undo.object);
    const name = formatRef(ref);
    if (seen.has(name)) return [];
    seen.add(name);
    return async (reach: Reach): Promise<Evidence> => {
      const now = await readObject(reach.api, ref);
      const places = now === undefined ? ["all of it"] : differences(asked(undo.object), asked(now));
      const others = places.length === 0 ? "as before" : `different: ${places.join(", ")}`;
      return { what: name, expected: "as before", seen: others, ok: places.length === 0 };
    };
  });
}
