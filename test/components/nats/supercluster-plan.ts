import type { SuperclusterFacts } from "../../../components/nats/supercluster-facts";

/** The two clusters of the platform's manifests, as the schema's defaults complete them. */
export const REFERENCE: SuperclusterFacts = {
  topology: "reference",
  tenant: "default",
  org: "default",
  clusters: [
    { name: "a", region: "us-east-1", replicas: 3 },
    { name: "b", region: "us-west-2", replicas: 3 },
  ],
  namespace: { name: "nats-supercluster", created: "nats-supercluster" },
  image: "docker.io/library/nats:2.12.2-alpine",
  storage: { size: "5Gi" },
  jetstream: { memory: "1Gi", file: "5Gi" },
  maxPayload: "1Mi",
  resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "1", memory: "2Gi" } },
};

/** Two clusters that vote, and a server that breaks ties. */
export const QUORUM: SuperclusterFacts = {
  ...REFERENCE,
  topology: "quorum",
  clusters: [...REFERENCE.clusters, { name: "c", region: "us-central-1", replicas: 1 }],
};

/** The same two clusters, joined by leaf nodes. */
export const INDEPENDENT: SuperclusterFacts = { ...REFERENCE, topology: "independent" };
