import type { Rig } from "../rig";
import { shardDriftGuard } from "./shard-drift-guard";
import { shardRoutingN2 } from "./shard-routing-n2";

/** Every rig, in the order in which they are listed. */
export const RIGS: readonly Rig[] = [shardDriftGuard, shardRoutingN2];
