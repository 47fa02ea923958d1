import type { Rig } from "../rig";
import { shardDriftGuard } from "./shard-drift-guard";

/** Every rig, in the order in which they are listed. */
export const RIGS: readonly Rig[] = [shardDriftGuard];
