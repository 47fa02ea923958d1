/** What other Pulumi programs import. Every component is also a module of its own: `@noetl/platform/components/noetl/server`. */
export { NatsCluster, type NatsClusterArgs } from "../components/nats/cluster";
export { NatsSupercluster, type NatsSuperclusterArgs } from "../components/nats/supercluster";
export { existingNamespace, type Namespace } from "../components/kubernetes/namespaces";
export { Postgres, type PostgresArgs } from "../components/database/postgres";
export { NoetlServer, type NoetlServerArgs } from "../components/noetl/server";
export { WorkerPool, type WorkerPoolArgs } from "../components/noetl/worker-pool";
export { KedaScaler, type KedaScalerArgs } from "../components/scaling/keda-scaler";
export { CHARTS, IMAGES } from "../stacks/versions";
export { Platform, type PlatformArgs } from "./platform";
