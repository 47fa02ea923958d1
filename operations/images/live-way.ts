import type { LiveNamespace } from "./live";
import { writeImage } from "./stack-text";
import type { Way } from "./way";

/** Straight on the cluster. The stack file follows when the pods are ready, so that the next update changes nothing. */
export function liveWay(live: LiveNamespace, file: string): Way {
  return {
    name: "live",
    prepare: () => Promise.resolve(),
    set: (component, image) => live.setImage(component, image),
    restore: (component, former) => live.setImage(component, former),
    settle: (component, image) => {
      writeImage(file, component, image);
      return Promise.resolve();
    },
  };
}
