/** The components that programs of other languages have, with arguments that every language can write. */
export { Platform } from "../platform";
export { NatsCluster } from "./nats-cluster";
export { WorkerPool } from "./worker-pool";
