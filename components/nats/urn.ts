/** Where a NATS cluster stands in NoETL's tree of resources. Each is a DNS label. */
export interface ClusterPlace {
  tenant: string;
  org: string;
  /** Region of the cloud, such as `us-east-1`. */
  region: string;
  /** Name of the cluster, such as `a`. */
  cluster: string;
}

/** NoETL's name of a cluster: `noetl://tenant/default/org/default/region/us-east-1/cluster/a`. */
export function clusterUrn({ tenant, org, region, cluster }: ClusterPlace): string {
  return `${tenancyUrn({ tenant, org })}/region/${region}/cluster/${cluster}`;
}

/** NoETL's name of an organisation: `noetl://tenant/default/org/default`. */
export function tenancyUrn({ tenant, org }: Pick<ClusterPlace, "tenant" | "org">): string {
  return `noetl://tenant/${tenant}/org/${org}`;
}

/** The same name as a NATS subject: `noetl.tenant.default.org.default.region.us-east-1.cluster.a`. */
export function subjectOfUrn(urn: string): string {
  return `noetl.${urn.replace(/^noetl:\/\//, "").replaceAll("/", ".")}`;
}

/**
 * The JetStream domain of a URN: its subject without `noetl.`, dots and dashes as underscores, since a domain is one token
 * of a subject: `tenant_default_org_default_region_us_east_1_cluster_a`.
 */
export function domainOfUrn(urn: string): string {
  return subjectOfUrn(urn)
    .replace(/^noetl\./, "")
    .replace(/[.-]/g, "_");
}
