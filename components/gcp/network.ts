import { Firewall } from "@pulumi/gcp/compute/firewall";
import { GlobalAddress } from "@pulumi/gcp/compute/globalAddress";
import { Network } from "@pulumi/gcp/compute/network";
import { Router } from "@pulumi/gcp/compute/router";
import { RouterNat } from "@pulumi/gcp/compute/routerNat";
import { Subnetwork } from "@pulumi/gcp/compute/subnetwork";
import { Connection } from "@pulumi/gcp/servicenetworking/connection";
import * as pulumi from "@pulumi/pulumi";
import { gcpLabels, networkPath, type Place } from "./facts";

/** Names that the secondary ranges of the subnetwork have. */
export const PODS_RANGE = "pods";
export const SERVICES_RANGE = "services";
/** Name of the range of Cloud SQL's addresses. */
export const PRIVATE_SERVICES_RANGE = "noetl-cloudsql-psa-range";

/** The network's address ranges. None may overlap another, nor what it is ever peered with. */
export interface NetworkRanges {
  /** Nodes, and internal load balancers. */
  nodes: string;
  /** Pods: each node takes 256 addresses of it for up to 110 pods. */
  pods: string;
  /** Services of Kubernetes. */
  services: string;
  /** Cloud SQL, by private services access. */
  privateServices: string;
}

export interface GcpNetworkArgs extends Place {
  /** Name of network and subnetwork. */
  network: string;
  ranges: NetworkRanges;
  /** Whether nodes without public addresses reach the Internet: registries, third parties. */
  nat: boolean;
}

/** Port on which the Auth Proxy reaches an instance. */
const CLOUD_SQL_PROXY_PORT = "3307";

/**
 * A network of the platform's own: one subnetwork with ranges for pods and Services, private services access for Cloud
 * SQL, Cloud NAT for nodes without public addresses.
 */
export class GcpNetwork extends pulumi.ComponentResource {
  /** What a Cloud SQL instance with a private address must wait for. */
  readonly privateServices: pulumi.Resource;
  /** What a cluster must wait for. */
  readonly subnetwork: pulumi.Resource;

  constructor(name: string, args: GcpNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:GcpNetwork", name, {}, opts);
    const { project, region, network, ranges } = args;
    const child = { parent: this };
    const made = new Network(
      name,
      { project, name: network, autoCreateSubnetworks: false, routingMode: "REGIONAL" },
      child,
    );
    const inNetwork = { parent: this, dependsOn: [made] };
    const at = { project, network: networkPath(project, network) };

    this.subnetwork = new Subnetwork(
      name,
      {
        ...at,
        name: network,
        region,
        ipCidrRange: ranges.nodes,
        secondaryIpRanges: [
          { rangeName: PODS_RANGE, ipCidrRange: ranges.pods },
          { rangeName: SERVICES_RANGE, ipCidrRange: ranges.services },
        ],
        // Nodes without public addresses reach Google's APIs without NAT.
        privateIpGoogleAccess: true,
      },
      inNetwork,
    );
    const [address = "", prefixLength = "16"] = ranges.privateServices.split("/");
    const range = new GlobalAddress(
      `${name}-private-services`,
      {
        ...at,
        name: PRIVATE_SERVICES_RANGE,
        purpose: "VPC_PEERING",
        addressType: "INTERNAL",
        address,
        prefixLength: Number(prefixLength),
        labels: gcpLabels(args),
      },
      inNetwork,
    );
    this.privateServices = new Connection(
      name,
      {
        network: at.network,
        service: "servicenetworking.googleapis.com",
        reservedPeeringRanges: [range.name],
        // Google keeps the peering for days after the last instance; a destroy must not wait for that.
        deletionPolicy: "ABANDON",
      },
      inNetwork,
    );
    // Priority above the rules that people write to close the network: without it the Auth Proxy is cut off.
    new Firewall(
      `${name}-cloudsql`,
      {
        ...at,
        name: "noetl-allow-cloudsql-3307",
        direction: "EGRESS",
        priority: 900,
        destinationRanges: [ranges.privateServices],
        allows: [{ protocol: "tcp", ports: [CLOUD_SQL_PROXY_PORT] }],
      },
      inNetwork,
    );
    if (args.nat) this.#nat(name, args, inNetwork);
    this.registerOutputs();
  }

  #nat(name: string, { project, region, network }: GcpNetworkArgs, opts: pulumi.CustomResourceOptions): void {
    const router = new Router(name, { project, region, name: network, network: networkPath(project, network) }, opts);
    new RouterNat(
      name,
      {
        project,
        region,
        name: network,
        router: router.name,
        natIpAllocateOption: "AUTO_ONLY",
        sourceSubnetworkIpRangesToNat: "ALL_SUBNETWORKS_ALL_IP_RANGES",
        // A worker may hold many connections to one third party: 64 ports a node, the default, run out.
        enableDynamicPortAllocation: true,
        minPortsPerVm: 64,
        maxPortsPerVm: 4096,
        logConfig: { enable: true, filter: "ERRORS_ONLY" },
      },
      opts,
    );
  }
}
