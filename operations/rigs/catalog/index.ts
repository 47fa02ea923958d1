import type { Rig } from "../rig";
import { backupRestore } from "./backup-restore";
import { keda } from "./keda";
import { mtls } from "./mtls";
import { secrets } from "./secrets";
import { shardDriftGuard } from "./shard-drift-guard";
import { shardRoutingN2 } from "./shard-routing-n2";
import { supercluster } from "./supercluster";

/** Every rig, in the order in which they are listed. */
export const RIGS: readonly Rig[] = [shardDriftGuard, shardRoutingN2, supercluster, mtls, keda, backupRestore, secrets];
