import { poolsOf } from "./pools";
import type { Platform } from "./platform";
import type { Step } from "./rig";

/** Seconds until the last pod of a pool must be gone: as long as a command of it may take to end. */
const DRAIN_SECONDS = 60;

/** What the reports of rigs that pin say. */
export const PIN_CHANGE = "the Python worker pools have no pods, so that only Rust workers take commands";

/**
 * Leaves all commands to the Rust workers: no pod of a Python pool may be left, for one that ends still pulls. Workers in
 * Python never store a result elsewhere.
 */
export function pinToRust(platform: Platform): Step[] {
  return poolsOf(platform, "python").map(({ ref }) => ({
    phase: "apply",
    title: `leave the commands to the Rust workers: no pods of ${ref.name}`,
    run: ({ change }) => change.scale(ref, 0, { seconds: DRAIN_SECONDS }),
  }));
}
