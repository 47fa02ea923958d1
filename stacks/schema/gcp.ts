import { z } from "zod";
import { REGIONS } from "../../components/gcp/regions";
import { certificateName, cidr, gcpProject, line, machineType, objectName, reason, shortName, whole } from "./fields";

/** Profiles that people depend on. */
export const PRODUCTION: ReadonlySet<string> = new Set(["gke"]);

/** Names of resources of Google Cloud have the form of Kubernetes names. */
const name = objectName;

const network = z
  .discriminatedUnion(
    "mode",
    [
      z
        .strictObject({
          mode: z.literal("create").describe("A network of the platform's own."),
          name: name().default("noetl").describe("Name of network and subnetwork."),
          nodes: cidr()
            .default("10.10.0.0/20")
            .describe("Addresses of nodes and internal load balancers: 4,092 with a /20."),
          pods: cidr()
            .default("10.20.0.0/16")
            .describe("Addresses of pods. Each node takes 256 of them for 110 pods: 256 nodes with a /16."),
          services: cidr().default("10.30.0.0/20").describe("Addresses of Services: 4,096 with a /20."),
          privateServices: cidr()
            .default("10.40.0.0/16")
            .describe(
              "Addresses of Cloud SQL (private services access). Google takes a /24 of it for each region and kind of service.",
            ),
          nat: z
            .boolean()
            .default(true)
            .describe("Cloud NAT: nodes have no public addresses, and without it reach nothing but Google."),
        })
        .describe("A network that the infrastructure layer makes."),
      z
        .strictObject({
          mode: z.literal("existing").describe("A network that is there, with private services access for Cloud SQL."),
          name: name().describe("Name of the network, of the same project."),
          subnetwork: name().describe("Subnetwork in the region."),
          podsRange: name().default("pods").describe("Name of its secondary range for pods."),
          servicesRange: name().default("services").describe("Name of its secondary range for Services."),
        })
        .describe("A network of somebody else's."),
    ],
    { error: '"create" or "existing"' },
  )
  .prefault({ mode: "create" })
  .describe("The network that cluster and database are in.");

const nodePool = z
  .strictObject({
    name: shortName().describe("Name of the pool."),
    machineType: machineType().describe("Machine of its nodes, such as e2-standard-4."),
    min: whole(0, 1000).default(1).describe("Fewest nodes, in all zones together."),
    max: whole(1, 1000).default(6).describe("Most nodes, in all zones together."),
    diskSize: whole(20, 65536).default(100).describe("GB of a node's boot disk."),
    spot: z
      .boolean()
      .default(false)
      .describe("Spot machines: cheaper, and taken away at any time. For workers only, never for NATS."),
  })
  .describe("A group of equal nodes.");

const common = {
  name: name().default("noetl-cluster").describe("Name of the cluster."),
  releaseChannel: z
    .enum(["RAPID", "REGULAR", "STABLE", "EXTENDED"])
    .default("REGULAR")
    .describe("How soon Google updates Kubernetes."),
  maintenance: z
    .strictObject({
      start: line(40).default("2026-01-03T03:00:00Z").describe("Begin of the first window (RFC 3339)."),
      end: line(40).default("2026-01-03T09:00:00Z").describe("End of the first window: 4 hours later at least."),
      recurrence: line(255)
        .default("FREQ=WEEKLY;BYDAY=SA,SU")
        .describe("When it comes again (RFC 5545); 48 hours in 32 days at least."),
    })
    .prefault({})
    .describe("When Google may update the cluster."),
  controlPlane: cidr().default("172.16.0.0/28").describe("Addresses of the control plane: a /28 of its own."),
  authorizedNetworks: z
    .array(
      z
        .strictObject({
          name: shortName().describe("What it is."),
          cidr: cidr().describe("Addresses."),
        })
        .describe("Who may come by address."),
    )
    .max(50)
    .default([])
    .describe(
      "Addresses that may reach the control plane's IP endpoint. The DNS endpoint is open to whom IAM lets in.",
    ),
  secretRotation: line(20)
    .default("120s")
    .describe("How often mounted and synchronised secrets are looked for in Secret Manager, in seconds with s."),
};

const cluster = z
  .discriminatedUnion(
    "mode",
    [
      z
        .strictObject({
          mode: z.literal("autopilot").describe("Google brings nodes as pods need them; pods are paid, not nodes."),
          ...common,
        })
        .describe("An Autopilot cluster."),
      z
        .strictObject({
          mode: z.literal("standard").describe("Nodes of your choice."),
          ...common,
          nodePools: z.array(nodePool).min(1).max(20).describe("Its nodes."),
        })
        .describe("A Standard cluster."),
      z
        .strictObject({
          mode: z.literal("existing").describe("A cluster that is there; nothing of it is changed."),
          name: name().default("noetl-cluster").describe("Name of the cluster."),
        })
        .describe("A cluster of somebody else's."),
    ],
    { error: '"autopilot", "standard" or "existing"' },
  )
  .prefault({ mode: "autopilot" })
  .describe("The GKE cluster.");

export const gcpSchema = z
  .strictObject({
    project: gcpProject().describe("Id of the project that everything of this stack is in."),
    region: z
      .enum(REGIONS)
      .meta({ kind: "region", allowed: "a region of Google Cloud such as us-central1 or europe-west4" })
      .describe("Region of everything that is in one: cluster, database, registry, addresses."),
    layer: z
      .enum(["infrastructure", "platform"])
      .default("platform")
      .describe(
        "What this stack makes. `infrastructure`: network, cluster, database instance, registry, address, and nothing in Kubernetes. `platform`: everything in the cluster, with its identities. Two stacks with the same `gcp` and `postgres`; see docs/gke.md.",
      ),
    environment: shortName().default("production").describe("Label `environment` of everything on Google Cloud."),
    network,
    cluster,
    registry: z
      .strictObject({
        name: name().default("noetl").describe("Name of the repository."),
        keep: whole(1, 1000).default(20).describe("Newest versions of each image that stay; others go after 90 days."),
      })
      .prefault({})
      .describe("Artifact Registry."),
    ingress: z
      .strictObject({
        host: certificateName().describe(
          "Name under which people reach the gateway, and of its managed certificate; its DNS record points at the address.",
        ),
        address: name().default("noetl-gateway").describe("Name of the static address."),
      })
      .optional()
      .describe("The gateway on the Internet: static address, managed certificate, load balancer. Default: none."),
    firestore: z
      .boolean()
      .default(false)
      .describe("Whether the infrastructure layer switches on the API of Firestore, which `firestoreAgent` needs."),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe("Whether cluster and database refuse to be deleted: by Google's API, its provider and Pulumi."),
    unprotectedBecause: reason()
      .optional()
      .describe("Why deletion protection is off; required in a production profile."),
  })
  .optional()
  .describe("Google Cloud: where the stack's resources there are. Without this key there are none.");
