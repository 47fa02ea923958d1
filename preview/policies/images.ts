import { isPinned, parseImage } from "../../components/kubernetes/image";
import type { Policy, PolicyContext, Violation } from "./policy";

/** `latest` is a tag as good as none. */
export const unpinnedImages: Policy = {
  id: "unpinned-images",
  title: "Every image has a tag other than latest, or a digest.",
  reason:
    "An image without a tag means latest, which changes under the same name: two pods of one Deployment may run different code, and a rollback has nothing to go back to.",
  severity: "error",
  fix: "give the image a tag other than latest, or a digest: the settings named image, or stacks/versions.ts",
  find: (context) =>
    images(context, (image) => !isPinned(image)).map(({ resource, container, image }) => ({
      resource,
      message: `container '${container}' runs ${image === "" ? "no image" : `'${image}'`}, which names no version`,
    })),
};

/** Tags are names, and whoever may push to the registry may move them. */
export const imagesByDigest: Policy = {
  id: "images-by-digest",
  title: "Every image of an environment that people depend on has a digest.",
  reason:
    "A tag can be moved to other content by whoever may push to its registry, and the next pod that starts runs it; a digest is the content.",
  severity: "warning",
  fix: "pin what you have tested: crane digest IMAGE tells the digest, and every setting named image takes name:tag@sha256:…",
  productionOnly: true,
  find: (context) =>
    images(context, (image) => parseImage(image)?.digest === undefined).map(({ resource, container, image }) => ({
      resource,
      message: `container '${container}' runs '${image}', which has no digest`,
    })),
};

function images(
  { workloads }: PolicyContext,
  isWanted: (image: string) => boolean,
): (Pick<Violation, "resource"> & { container: string; image: string })[] {
  return workloads.flatMap(({ resource, initContainers, containers }) =>
    [...initContainers, ...containers]
      .filter(({ image = "" }) => isWanted(image))
      .map(({ name, image = "" }) => ({ resource: resource.urn, container: name, image })),
  );
}
