import type { ResourceGraph } from "../../preview/graph";
import type { PlatformConfig } from "../../stacks/schema";
import { type Component, componentsOf, NAMESPACE } from "../images/components";
import type { ObjectRef } from "./objects";
import type { Endpoint } from "./reach";
import type { SqlServer } from "./sql";

/** What a rig knows of the platform without asking it: the stack file, and what it renders. */
export interface Platform {
  /** Name of the stack. */
  stack: string;
  config: PlatformConfig;
  graph: ResourceGraph;
  /** Where the server, the workers and the gateway are. */
  namespace: string;
  server: Served;
  /** Missing when the stack has none. */
  gateway?: Served;
  /** The worker pools, the system pool first. */
  workers: readonly Workload[];
  /** The PostgreSQL of this cluster; missing where the stack uses another. */
  postgres?: {
    /** As the role that may make databases. */
    admin: SqlServer;
    /** As the platform's own role. */
    own: SqlServer;
    /** Host and port as pods reach it. */
    host: string;
    port: number;
    /** The server's own database, and the schema in it. */
    database: string;
    schema: string;
  };
}

/** A workload of the platform. */
export interface Workload {
  ref: ObjectRef;
  /** The container that runs the image. */
  container: string;
}

/** A workload that answers HTTP through a Service of its name. */
export interface Served extends Workload {
  endpoint: Endpoint;
}

/** Namespace and name of PostgreSQL in the cluster. */
const POSTGRES = "postgres";
const POSTGRES_PORT = 5432;

/** Reads what a rig needs out of a stack. */
export function platformOf(stack: string, config: PlatformConfig, graph: ResourceGraph): Platform {
  const components = componentsOf(config);
  const { server, gateway, postgres } = config;
  const named = (name: string): Workload =>
    workloadOf(
      components.find((component) => component.name === name),
      name,
    );
  const served = (name: string, port: number): Served => ({
    ...named(name),
    endpoint: { kind: "Service", name, namespace: NAMESPACE, port },
  });
  return {
    stack,
    config,
    graph,
    namespace: NAMESPACE,
    server: served(server.name, server.port),
    ...(gateway && { gateway: served(gateway.name, gateway.port) }),
    workers: components
      .filter(({ role }) => role === "worker")
      .map((component) => workloadOf(component, component.name)),
    ...(postgres.mode === "inCluster" && {
      postgres: {
        admin: sqlServer(postgres.adminUser, "POSTGRES_PASSWORD"),
        own: sqlServer(postgres.user, "NOETL_PASSWORD"),
        host: `${POSTGRES}.${POSTGRES}.svc.cluster.local`,
        port: POSTGRES_PORT,
        database: postgres.database,
        schema: postgres.schema,
      },
    }),
  };
}

function workloadOf(component: Component | undefined, name: string): Workload {
  const { kind = "Deployment", container = name } = component ?? {};
  return { ref: { apiVersion: "apps/v1", kind, name, namespace: NAMESPACE }, container };
}

function sqlServer(user: string, key: string): SqlServer {
  return {
    endpoint: { kind: "Service", name: POSTGRES, namespace: POSTGRES, port: POSTGRES_PORT },
    user,
    password: { namespace: POSTGRES, name: "postgres-secret", key },
  };
}
