import { Service } from "@pulumi/gcp/projects/service";
import * as pulumi from "@pulumi/pulumi";

/** APIs that the platform calls, with what for. */
const APIS = {
  "artifactregistry.googleapis.com": "images",
  "cloudresourcemanager.googleapis.com": "roles on the project",
  "compute.googleapis.com": "network, addresses, load balancer",
  "container.googleapis.com": "GKE",
  "iam.googleapis.com": "service accounts",
  "iamcredentials.googleapis.com": "Workload Identity",
  "logging.googleapis.com": "logs of cluster and database",
  "monitoring.googleapis.com": "Google Managed Prometheus",
  "secretmanager.googleapis.com": "secrets",
  "servicenetworking.googleapis.com": "private addresses of Cloud SQL",
  "sqladmin.googleapis.com": "Cloud SQL, and the Auth Proxy's look-up of the instance",
} as const;

/** The API that only the Firestore agent calls. */
const FIRESTORE_API = "firestore.googleapis.com";

export interface ProjectServicesArgs {
  project: string;
  /** Whether the Firestore agent is used. Default: no. */
  firestore?: boolean;
}

/** Switches on the APIs that everything else needs. They stay on when the stack goes: others may use them. */
export class ProjectServices extends pulumi.ComponentResource {
  /** What to wait for before using an API. */
  readonly services: pulumi.Resource[];

  constructor(
    name: string,
    { project, firestore = false }: ProjectServicesArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("noetl:gcp:ProjectServices", name, {}, opts);
    this.services = [...Object.keys(APIS), ...(firestore ? [FIRESTORE_API] : [])].map(
      (service) =>
        new Service(
          service.replace(".googleapis.com", ""),
          { project, service, disableOnDestroy: false },
          { parent: this },
        ),
    );
    this.registerOutputs();
  }
}
