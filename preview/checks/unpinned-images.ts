import { isPinned } from "../../components/kubernetes/image";
import { keyOf, type Check } from "./check";

/**
 * An image without a tag means `latest`, which changes under the same name: two pods of one Deployment may then run
 * different code, and a rollback has nothing to go back to.
 */
export const unpinnedImages: Check = {
  id: "unpinned-images",
  title: "Every image has a tag other than latest, or a digest.",
  run: ({ workloads, config }) =>
    workloads.flatMap((workload) =>
      [...workload.initContainers, ...workload.containers].flatMap(({ name, image }) => {
        if (image !== undefined && isPinned(image)) return [];
        return {
          severity: "error" as const,
          rule: unpinnedImages.id,
          resource: workload.resource.urn,
          message: `container '${name}' runs ${image === undefined ? "no image" : `'${image}'`}, which names no version`,
          fix: `give ${keyOf(workload, config)}.image a tag other than latest, or a digest`,
        };
      }),
    ),
};
