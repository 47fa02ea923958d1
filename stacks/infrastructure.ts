import { GkeCluster } from "../components/gcp/cluster";
import { CloudSqlInstance } from "../components/gcp/cloud-sql";
import { gcpLabels } from "../components/gcp/facts";
import { NODE_GRANTS, NODES } from "../components/gcp/identities";
import { StaticAddress } from "../components/gcp/ingress";
import { GcpNetwork, PODS_RANGE, PRIVATE_SERVICES_RANGE, SERVICES_RANGE } from "../components/gcp/network";
import { Registry } from "../components/gcp/registry";
import { ServiceAccount } from "../components/gcp/service-account";
import { ProjectServices } from "../components/gcp/services";
import { gcpProvider, placeOf } from "./gcp";
import type { PlatformSpec } from "./profile";
import type { GcpConfig } from "./schema";

/** What a stack of the infrastructure tells of itself; each is as the platform's stack file, or a person, needs it. */
export interface InfrastructureOutputs {
  /** `noetl:gcp.project` */
  project: string;
  /** `noetl:gcp.region` */
  region: string;
  /** `noetl:cluster.context`; undefined where the cluster is somebody else's. */
  clusterContext?: string;
  /** `PROJECT:REGION:INSTANCE`, which the Auth Proxy beside PgBouncer is told; undefined without Cloud SQL. */
  cloudSqlInstance?: string;
  /** What images of your own begin with, in each `image` of the platform's file. */
  registry: string;
  /** `noetl:gcp.ingress.address`, the name of what the host's DNS record must lead to; undefined without an ingress. */
  gatewayAddress?: string;
}

/**
 * What a platform on Google Cloud stands on: network, cluster, database instance, registry, address. Nothing in
 * Kubernetes: a plan of that would need the cluster that is not there yet.
 */
export function infrastructure(spec: PlatformSpec, gcp: GcpConfig): InfrastructureOutputs {
  const place = placeOf(gcp);
  const opts = { providers: [gcpProvider(spec)] };
  const { services } = new ProjectServices("services", gcp, opts);
  const enabled = { ...opts, dependsOn: services };

  const own = gcp.network.mode === "create" ? gcp.network : undefined;
  const network = own && new GcpNetwork("network", { ...place, network: own.name, ranges: own, nat: own.nat }, enabled);
  const inNetwork = { ...opts, dependsOn: network ? [network] : services };

  const registry = new Registry(
    "registry",
    { ...place, repository: gcp.registry.name, keep: gcp.registry.keep },
    enabled,
  );
  const context = cluster(gcp, { ...opts, dependsOn: [...inNetwork.dependsOn, registry] });

  const { postgres } = spec;
  const instance =
    postgres.mode === "cloudSql"
      ? new CloudSqlInstance(
          "database",
          {
            ...place,
            ...postgres,
            disk: { size: postgres.diskSize, limit: postgres.diskLimit, type: postgres.diskType },
            maxConnections: postgres.maxConnections,
            network: gcp.network.name,
            addressRange: own && PRIVATE_SERVICES_RANGE,
            deletionProtection: gcp.deletionProtection,
          },
          inNetwork,
        )
      : undefined;
  if (gcp.ingress) {
    const { address } = gcp.ingress;
    new StaticAddress("gateway-address", { project: gcp.project, address, labels: gcpLabels(place) }, enabled);
  }
  return {
    project: gcp.project,
    region: gcp.region,
    ...(context !== undefined && { clusterContext: context }),
    ...(instance && { cloudSqlInstance: instance.connectionName }),
    registry: registry.prefix,
    ...(gcp.ingress && { gatewayAddress: gcp.ingress.address }),
  };
}

/** The cluster, unless it is there already, and the account of its nodes. */
function cluster(gcp: GcpConfig, opts: ConstructorParameters<typeof GkeCluster>[2]): string | undefined {
  const { cluster, network } = gcp;
  if (cluster.mode === "existing") return undefined;
  const place = placeOf(gcp);
  const nodes = new ServiceAccount(
    NODES,
    {
      ...place,
      account: NODES,
      description: "Nodes of the NoETL platform's cluster",
      grants: NODE_GRANTS,
      registry: gcp.registry.name,
    },
    opts,
  );
  const ranges = network.mode === "existing" ? network : { podsRange: PODS_RANGE, servicesRange: SERVICES_RANGE };
  const made = new GkeCluster(
    "cluster",
    {
      ...place,
      ...cluster,
      ...ranges,
      cluster: cluster.name,
      network: network.name,
      subnetwork: network.mode === "existing" ? network.subnetwork : network.name,
      nodeAccount: nodes.email,
      deletionProtection: gcp.deletionProtection,
    },
    // Without their roles, the first nodes could not even report.
    { ...opts, dependsOn: nodes.grants },
  );
  return made.context;
}
