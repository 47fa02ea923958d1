import { fatalLosses, metaGroups } from "../../components/nats/topology";
import type { Check } from "./check";

/**
 * The platform's own pair of clusters promises more than it keeps: its guide says that each cluster has its own JetStream,
 * and real servers make one meta group of both. Whoever deploys it shall have read that.
 */
export const natsTopology: Check = {
  id: "nats-topology",
  title: "No cluster of a NATS supercluster stops because another one is lost.",
  run: ({ config: { natsSupercluster } }) => {
    if (natsSupercluster.topology !== "reference") return [];
    const { topology, clusters } = natsSupercluster;
    const [group] = metaGroups(topology, clusters);
    const names = clusters.map(({ name }) => name).join(" and ");
    return [
      {
        severity: "warning",
        rule: natsTopology.id,
        resource: "noetl:natsSupercluster.topology",
        message: `clusters ${names} elect one JetStream leader among ${group?.servers ?? 0} servers, and need ${group?.quorum ?? 0} of them: without ${fatalLosses(topology, clusters).join(" or ")}, no stream or consumer can be made or changed in the other; neither starts JetStream alone; and new streams can be only in the cluster that the leader happens to be in`,
        fix: "choose topology quorum with a third cluster, or independent: docs/nats-topologies.md",
      },
    ];
  },
};
