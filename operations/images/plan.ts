import { parseImage } from "../../components/kubernetes/image";
import type { JsonObject } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { formatRow } from "./format";
import type { Component } from "./components";
import { isHeld } from "./live";
import { type NodeFacts, unfitNodes } from "./nodes";
import { imageOf, progressOf } from "./rollout";
import type { VerifiedImage } from "./verify";
import { pinned, type Target } from "./target";

/** A component and its workload as it is. */
export interface Found {
  component: Component;
  /** Undefined where the cluster has none. */
  workload: JsonObject | undefined;
  /** Digests that those of its pods do run which are to run its image, as far as the nodes tell them. */
  running: readonly string[];
}

/**
 * What is to be done with a component.
 *
 * - `set`: it runs another image.
 * - `align`: it runs the image, and the stack file says another one.
 * - `wait`: it runs the image, and not all of its pods do yet.
 * - `none`: it runs the image.
 * - `skip`: it is left alone.
 */
type Action = "set" | "align" | "wait" | "none" | "skip";

/** A component and what is to be done with it. */
export interface Change {
  component: Component;
  action: Action;
  /** What it runs; undefined where it is not there. */
  old?: string;
  /** What it is to run; what it runs, where it is left alone. */
  image: string;
  /** What it ran before somebody has begun to move it; undefined where nobody knows. */
  former?: string;
  /** Why it is left alone, or what is done beside. */
  reason?: string;
}

/** Which image goes to which component. */
export interface Assignment extends Found {
  target: Target | undefined;
}

/**
 * Gives each component the image that it is to run: the one of the repository that it runs now. An image of another
 * repository is another program, and goes only to components that are named.
 *
 * @param isMeant whether the components were chosen, so that the one image goes to all of them
 * @throws UserError when an image is nobody's
 */
export function assign(found: readonly Found[], targets: readonly Target[], isMeant: boolean): Assignment[] {
  const [only] = targets;
  if (isMeant && targets.length === 1) return found.map((entry) => ({ ...entry, target: only }));
  const assigned = found.map((entry) => ({
    ...entry,
    target: targets.find(({ repository }) => repository === repositoryOf(entry)),
  }));
  const idle = targets.find((target) => assigned.every((entry) => entry.target !== target));
  if (idle === undefined) return assigned;
  throw new UserError(
    [
      `no component runs an image of ${idle.repository}, and nothing was changed`,
      ...found.map((entry) => formatRow([entry.component.name, repositoryOf(entry) ?? "is not in the cluster"], [30])),
      "next: name the components that are to run it with --deployment, or all of them with --all",
    ].join("\n"),
  );
}

function repositoryOf({ component, workload }: Found): string | undefined {
  const image = workload && (imageOf(workload, component) ?? component.image);
  return image === undefined ? undefined : parseImage(image)?.repository;
}

/** What is to be done with a component. @param image what it is to run; undefined where that is another's image */
export function changeOf({ component, workload, running }: Found, image: VerifiedImage | undefined): Change {
  const kind = component.kind;
  if (workload === undefined) {
    const reason = `the cluster has no ${kind} ${component.name}; pulumi up makes it`;
    return { component, action: "skip", image: image?.reference ?? component.image, reason };
  }
  const old = imageOf(workload, component);
  if (old === undefined) {
    const reason = `${kind} ${component.name} has no container ${component.container}`;
    return { component, action: "skip", image: image?.reference ?? component.image, reason };
  }
  if (image === undefined) return { component, action: "skip", old, image: old, reason: "it runs another program" };
  const { reference } = image;
  const drift = component.image === old ? undefined : `the stack file said ${component.image}`;
  if (!isSame(old, image)) {
    return { component, action: "set", old, image: reference, former: old, ...(drift && { reason: drift }) };
  }
  const moved = old.includes("@") ? undefined : running.find((digest) => image.known?.includes(digest) === false);
  if (moved !== undefined) {
    // The digest makes it another template: the same tag would restart nothing.
    const reason = `the tag has moved since, from ${moved}; the same tag restarts nothing, so its digest is set beside it`;
    const pin = pinned(image.target, image.digest ?? "");
    return { component, action: "set", old, image: pin, former: `${old}@${moved}`, reason };
  }
  // As it is: the digest of a pinned one is kept.
  const same = { component, old, image: old };
  if (component.image !== old) {
    return { ...same, action: "align", former: component.image, reason: `${drift ?? ""}; it is in line now` };
  }
  return { ...same, action: progressOf(workload).done && !isHeld(workload) ? "none" : "wait" };
}

/** A pinned image is the same as its tag while the tag has the digest. */
function isSame(old: string, { reference, digest }: VerifiedImage): boolean {
  return old === reference || (digest !== undefined && old === `${reference}@${digest}`);
}

/** @throws UserError when pods may come to nodes that the image is not made for */
export function assertPlatforms(
  found: Found,
  { reference, platforms }: VerifiedImage,
  nodes: readonly NodeFacts[],
): void {
  if (platforms === undefined || found.workload === undefined) return;
  const [unfit] = unfitNodes(found.workload, nodes, platforms);
  if (unfit === undefined) return;
  throw new UserError(
    `${reference} is made for ${platforms.join(", ") || "no platform"}, and ${found.component.name} may run on node ` +
      `${unfit.name}, which is ${unfit.platform}; nothing was changed\n` +
      `next: publish the image for ${unfit.platform}, or keep the pods from such nodes`,
  );
}
