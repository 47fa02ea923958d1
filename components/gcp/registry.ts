import { Repository } from "@pulumi/gcp/artifactregistry/repository";
import * as pulumi from "@pulumi/pulumi";
import { gcpLabels, type Place } from "./facts";

export interface RegistryArgs extends Place {
  /** Name of the repository. */
  repository: string;
  /** How many of the newest versions of each image stay when old ones go. */
  keep: number;
}

/** Days after which a version goes, unless it is among the newest. */
const OLD = 90;

/** A repository for images. Tags cannot be moved: what was tried is what runs. */
export class Registry extends pulumi.ComponentResource {
  /** What images' names begin with: `us-central1-docker.pkg.dev/PROJECT/noetl`. */
  readonly prefix: string;

  constructor(name: string, args: RegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("noetl:gcp:Registry", name, {}, opts);
    const { project, region, repository, keep } = args;
    new Repository(
      name,
      {
        project,
        location: region,
        repositoryId: repository,
        format: "DOCKER",
        description: "Images of the NoETL platform",
        labels: gcpLabels(args),
        dockerConfig: { immutableTags: true },
        cleanupPolicies: [
          { id: "newest", action: "KEEP", mostRecentVersions: { keepCount: keep } },
          { id: "old", action: "DELETE", condition: { olderThan: `${OLD * 86400}s` } },
        ],
      },
      { parent: this, protect: true, retainOnDelete: true },
    );
    this.prefix = `${region}-docker.pkg.dev/${project}/${repository}`;
    this.registerOutputs();
  }
}
