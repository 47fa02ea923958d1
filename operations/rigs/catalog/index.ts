import type { Rig } from "../rig";
import { backupRestore } from "./backup-restore";
import { keda } from "./keda";
import { mtls } from "./mtls";
import { secrets } from "./secrets";
import { flightTls } from "./flight-tls";
import { internalApi } from "./internal-api";
import { loadSmoke } from "./load-smoke";
import { resultFetch } from "./result-fetch";
import { rustWorkerR2 } from "./rust-worker-r2";
import { serverParity } from "./server-parity";
import { systemPoolRouting } from "./system-pool-routing";
import { shardDriftGuard } from "./shard-drift-guard";
import { shardRoutingN2 } from "./shard-routing-n2";
import { supercluster } from "./supercluster";

/** Every rig, in the order in which they are listed. */
export const RIGS: readonly Rig[] = [
  shardDriftGuard,
  shardRoutingN2,
  rustWorkerR2,
  resultFetch,
  flightTls,
  systemPoolRouting,
  internalApi,
  serverParity,
  loadSmoke,
  supercluster,
  mtls,
  keda,
  backupRestore,
  secrets,
];
