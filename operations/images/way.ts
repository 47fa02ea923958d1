import type { Component } from "./components";
import type { LiveNamespace } from "./live";
import { writeImage } from "./stack-text";

/**
 * How an image comes to run. Each promise ends when all that the way does has ended; that pods are ready is waited for
 * elsewhere.
 */
export interface Way {
  name: "stack" | "live";
  /** Makes sure that the way is open; called before anything is changed. @throws UserError when it is not */
  prepare(): Promise<void>;
  /** Makes a component run an image. */
  set(component: Component, image: string, signal: AbortSignal): Promise<void>;
  /** Makes a component run its former image again, after {@link set}. */
  restore(component: Component, former: string, signal: AbortSignal): Promise<void>;
  /** Brings the stack file in line with what runs. */
  settle(component: Component, image: string, signal: AbortSignal): Promise<void>;
}

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
