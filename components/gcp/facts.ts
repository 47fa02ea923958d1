/** Where resources of Google Cloud are, and what they are labelled with. */
export interface Place {
  /** Id of the project. */
  project: string;
  region: string;
  /** Environment: `production`, `staging`. */
  environment: string;
}

/** Labels of everything that can have some: bills and searches are by them. */
export function gcpLabels({ environment }: Place): Record<string, string> {
  return { app: "noetl", environment, "managed-by": "pulumi" };
}

/** What a network's resources are called by: the API takes this in place of a link. */
export function networkPath(project: string, network: string): string {
  return `projects/${project}/global/networks/${network}`;
}

export function subnetworkPath({ project, region }: Place, subnetwork: string): string {
  return `projects/${project}/regions/${region}/subnetworks/${subnetwork}`;
}

/** Address of a service account of Google Cloud. */
export function accountEmail(project: string, account: string): string {
  return `${account}@${project}.iam.gserviceaccount.com`;
}
