import { Cluster, type ClusterArgs } from "@pulumi/gcp/container/cluster";
import { NodePool as Nodes, type NodePoolArgs } from "@pulumi/gcp/container/nodePool";
import * as pulumi from "@pulumi/pulumi";
import { gcpLabels, networkPath, subnetworkPath, type Place } from "./facts";

/** A group of equal nodes of a Standard cluster. */
export interface NodePool {
  name: string;
  machineType: string;
  /** Fewest and most nodes in all zones together. */
  min: number;
  max: number;
  /** GB of the boot disk. */
  diskSize: number;
  /** Nodes that Google may take away at any time, for less. */
  spot: boolean;
}

export interface GkeClusterArgs extends Place {
  /** Name of the cluster. */
  cluster: string;
  network: string;
  subnetwork: string;
  podsRange: string;
  servicesRange: string;
  /** Range of the control plane's private endpoint. */
  controlPlane: string;
  /** Node pools of a Standard cluster; without any it is an Autopilot cluster, which brings nodes as pods need them. */
  nodePools?: readonly NodePool[];
  releaseChannel: "RAPID" | "REGULAR" | "STABLE" | "EXTENDED";
  /** Whence people may reach the control plane, by addresses. Without any, only through the DNS endpoint, by IAM. */
  authorizedNetworks: readonly { name: string; cidr: string }[];
  /** When updates may begin: a recurring window. */
  maintenance: { start: string; end: string; recurrence: string };
  /** Address of the nodes' service account. */
  nodeAccount: string;
  deletionProtection: boolean;
  /** Whether secrets of Secret Manager can be mounted and synchronised; rotation is looked for that often. */
  secretRotation: string;
}

/**
 * A regional cluster of private nodes. Autopilot unless there are node pools. With Workload Identity, Managed Prometheus,
 * the Secret Manager add-on and SecretSync.
 */
export class GkeCluster extends pulumi.ComponentResource {
  /** Context that `gcloud container clusters get-credentials` writes. */
  readonly context: string;

  constructor(name: string, args: GkeClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:GkeCluster", name, {}, opts);
    const { project, region, cluster, nodePools = [] } = args;
    const made = new Cluster(name, clusterArgs(args), {
      parent: this,
      protect: args.deletionProtection,
      retainOnDelete: true,
      // It takes a quarter of an hour, and the provider's own limit is not always enough.
      customTimeouts: { create: "60m", update: "60m" },
      // Google raises these by the release channel.
      ignoreChanges: ["minMasterVersion", "nodeVersion"],
    });
    for (const pool of nodePools) {
      new Nodes(`${name}-${pool.name}`, poolArgs(args, pool), { parent: this, dependsOn: [made] });
    }
    this.context = `gke_${project}_${region}_${cluster}`;
    this.registerOutputs();
  }
}

function clusterArgs(args: GkeClusterArgs): ClusterArgs {
  const { project, region, releaseChannel, maintenance, authorizedNetworks, secretRotation } = args;
  const rotationConfig = { enabled: true, rotationInterval: secretRotation };
  return {
    project,
    name: args.cluster,
    location: region,
    resourceLabels: gcpLabels(args),
    network: networkPath(project, args.network),
    subnetwork: subnetworkPath(args, args.subnetwork),
    networkingMode: "VPC_NATIVE",
    ipAllocationPolicy: {
      clusterSecondaryRangeName: args.podsRange,
      servicesSecondaryRangeName: args.servicesRange,
    },
    privateClusterConfig: { enablePrivateNodes: true, masterIpv4CidrBlock: args.controlPlane },
    controlPlaneEndpointsConfig: {
      // By name and IAM, from anywhere: no bastion, no list of addresses to keep.
      dnsEndpointConfig: { allowExternalTraffic: true },
    },
    masterAuthorizedNetworksConfig: {
      cidrBlocks: authorizedNetworks.map(({ name, cidr }) => ({ displayName: name, cidrBlock: cidr })),
    },
    releaseChannel: { channel: releaseChannel },
    maintenancePolicy: {
      recurringWindow: { startTime: maintenance.start, endTime: maintenance.end, recurrence: maintenance.recurrence },
    },
    secretManagerConfig: { enabled: true, rotationConfig },
    secretSyncConfig: { enabled: true, rotationConfig },
    deletionProtection: args.deletionProtection,
    ...(args.nodePools === undefined || args.nodePools.length === 0 ? autopilot(args) : standard(args)),
  };
}

/** Workload Identity, Dataplane V2, shielded nodes and Managed Prometheus are part of Autopilot. */
function autopilot({ nodeAccount }: GkeClusterArgs): Partial<ClusterArgs> {
  return {
    enableAutopilot: true,
    clusterAutoscaling: { autoProvisioningDefaults: { serviceAccount: nodeAccount } },
  };
}

function standard({ project, nodeAccount }: GkeClusterArgs): Partial<ClusterArgs> {
  return {
    workloadIdentityConfig: { workloadPool: `${project}.svc.id.goog` },
    // NetworkPolicies are held by it.
    datapathProvider: "ADVANCED_DATAPATH",
    enableShieldedNodes: true,
    monitoringConfig: { enableComponents: ["SYSTEM_COMPONENTS"], managedPrometheus: { enabled: true } },
    loggingConfig: { enableComponents: ["SYSTEM_COMPONENTS", "WORKLOADS"] },
    addonsConfig: { gcePersistentDiskCsiDriverConfig: { enabled: true }, httpLoadBalancing: { disabled: false } },
    // A cluster cannot be made without nodes; these go at once, and must not have the project's default account meanwhile.
    removeDefaultNodePool: true,
    initialNodeCount: 1,
    nodeConfig: { serviceAccount: nodeAccount, oauthScopes: ALL_SCOPES },
  };
}

/** Roles decide what nodes may do, not scopes. */
const ALL_SCOPES = ["https://www.googleapis.com/auth/cloud-platform"];

function poolArgs(args: GkeClusterArgs, pool: NodePool): NodePoolArgs {
  return {
    project: args.project,
    name: pool.name,
    cluster: args.cluster,
    location: args.region,
    autoscaling: { totalMinNodeCount: pool.min, totalMaxNodeCount: pool.max, locationPolicy: "BALANCED" },
    management: { autoRepair: true, autoUpgrade: true },
    // A new node first, then the old one drains: the disruption budgets decide how fast.
    upgradeSettings: { strategy: "SURGE", maxSurge: 1, maxUnavailable: 0 },
    nodeConfig: {
      machineType: pool.machineType,
      diskSizeGb: pool.diskSize,
      diskType: "pd-balanced",
      spot: pool.spot,
      imageType: "COS_CONTAINERD",
      serviceAccount: args.nodeAccount,
      oauthScopes: ALL_SCOPES,
      resourceLabels: gcpLabels(args),
      workloadMetadataConfig: { mode: "GKE_METADATA" },
      shieldedInstanceConfig: { enableSecureBoot: true, enableIntegrityMonitoring: true },
    },
  };
}
