import type { Resource, ResourceGraph } from "../graph";

/** Types of what the checks of Google Cloud look at. */
export const GCP = {
  address: "gcp:compute/globalAddress:GlobalAddress",
  cluster: "gcp:container/cluster:Cluster",
  database: "gcp:sql/database:Database",
  firestore: "gcp:firestore/database:Database",
  instance: "gcp:sql/databaseInstance:DatabaseInstance",
  repository: "gcp:artifactregistry/repository:Repository",
  subnetwork: "gcp:compute/subnetwork:Subnetwork",
} as const;

/** Everything of a graph that is on Google Cloud, or what of it is of one type. */
export function gcpResources({ resources }: ResourceGraph, type?: string): Resource[] {
  return resources.filter((resource) =>
    type === undefined ? resource.type.startsWith("gcp:") : resource.type === type,
  );
}
