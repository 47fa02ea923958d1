import { REGIONS } from "../../components/gcp/regions";
import { textOf } from "../json";
import type { Resource } from "../graph";
import { keyOf, title, type Check, type CheckContext, type Finding } from "./check";
import { GCP, gcpResources } from "./gcp-graph";

/**
 * What is in another region answers later, costs for each byte, and is lost together with two regions instead of one. A
 * private address of Cloud SQL or a cluster's subnetwork in another region does not even work.
 */
export const gcpRegions: Check = {
  id: "gcp-regions",
  title: "Everything on Google Cloud, and the registries of images there, are in noetl:gcp.region.",
  scope: "googleCloud",
  run: (context) => {
    const { gcp } = context.config;
    if (!gcp) return [];
    return [...elsewhere(context, gcp.region), ...imagesElsewhere(context, gcp.region)];
  },
};

const regions: readonly string[] = REGIONS;

/** The region that a resource says it is in, also by a zone of it; undefined where it is in none, or in several. */
function regionOf({ inputs }: Resource): string | undefined {
  const place = [inputs.region, inputs.location, inputs.locationId].map(textOf).find((text) => text !== undefined);
  return regions.find((region) => place === region || place?.replace(/-[a-z]$/, "") === region);
}

function elsewhere({ graph }: CheckContext, region: string): Finding[] {
  return gcpResources(graph).flatMap((resource): Finding[] => {
    const place = regionOf(resource);
    if (place === undefined || place === region) return [];
    const common = { rule: gcpRegions.id, resource: resource.urn };
    if (resource.type === GCP.firestore) {
      return [
        {
          severity: "info",
          ...common,
          message: `its documents are in ${place}, and who reads them in ${region}: each call crosses regions`,
          fix: "nothing, if they must be there; where a database is can never change",
        },
      ];
    }
    return [
      {
        severity: "error",
        ...common,
        message: `is in ${place}, but the stack is in ${region}`,
        fix: `put it in ${region}, or the whole stack in ${place} (noetl:gcp.region)`,
      },
    ];
  });
}

/** `europe-west4-docker.pkg.dev/PROJECT/…`; multi-regions such as `us` are near to every region of theirs. */
const REGISTRY = /^([a-z]+-[a-z]+\d+)-docker\.pkg\.dev\//;

function imagesElsewhere({ workloads, config }: CheckContext, region: string): Finding[] {
  return workloads.flatMap((workload): Finding[] => {
    const containers = [...workload.initContainers, ...workload.containers];
    const images = new Set(containers.flatMap(({ image }) => image ?? []));
    return [...images].flatMap((image): Finding[] => {
      const place = REGISTRY.exec(image)?.[1];
      if (place === undefined || place === region) return [];
      return [
        {
          severity: "warning",
          rule: gcpRegions.id,
          resource: workload.resource.urn,
          message: `${title(workload)} pulls ${image} from ${place}, and its nodes are in ${region}`,
          fix: `use an image of ${region}-docker.pkg.dev (${keyOf(workload, config)})`,
        },
      ];
    });
  });
}
