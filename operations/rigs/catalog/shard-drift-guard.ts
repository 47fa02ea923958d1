import { compareShards, probeShards } from "../drift";
import type { Need, Rig } from "../rig";
import { gatewayNeeds, gatewayOf, serverNeeds } from "../needs";

/** Server and gateway know the shard of an execution as the platform does. */
export const shardDriftGuard: Rig = {
  name: "shard-drift-guard",
  summary: "server and gateway compute the same shard for an execution",
  proves: [
    "GET /api/runtime/shard-info of the server, GET /sharding/preview of the gateway and the platform's own function agree on 30 pairs of execution id and number of shards",
  ],
  changes: [],
  needs: (platform): Need[] => [...serverNeeds(platform), ...gatewayNeeds(platform)],
  steps: (platform) => {
    const gateway = gatewayOf(platform);
    return [
      { phase: "wait", title: "server and gateway answer", run: (context) => probeShards(context, gateway) },
      { phase: "assert", title: "30 pairs of id and count", run: (context) => compareShards(context, gateway) },
    ];
  },
};
