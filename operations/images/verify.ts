import type { KeyObject } from "node:crypto";
import { listOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import { platformsOf } from "./platforms";
import { probe, type ProbeBudget, type ProbeWorld } from "./probe";
import { RegistryProblem } from "./problem";
import { Registry, type RegistryOptions } from "./registry";
import { assertSigned } from "./signature";
import { pinned, type Target } from "./target";

/** An image that may be set. */
export interface VerifiedImage {
  target: Target;
  /** What is set. */
  reference: string;
  /** Undefined for an image that nobody was asked for. */
  digest?: string;
  /** Digests under which nodes may know it: its own, and where it is an index those of the images for one platform. */
  known?: string[];
  /** Platforms that it is made for: `linux/amd64`. Undefined for an image that nobody was asked for. */
  platforms?: string[];
  /** Whether its signature was looked at, and is right. */
  signed: boolean;
}

/** What is asked of an image. */
export interface Verification {
  /** With 0 attempts nobody is asked, and images are taken as they are. */
  budget: ProbeBudget;
  /** Set the digest beside the tag. */
  pin: boolean;
  /** Whoever has the private key must have signed it; it is set with its digest then, because a tag may move. */
  key?: KeyObject | undefined;
}

/**
 * Makes sure that an image is there, and what it is.
 *
 * @throws UserError with the next step; nothing has been changed then
 */
export async function verifyImage(
  target: Target,
  { budget, pin, key }: Verification,
  options: RegistryOptions,
  world: ProbeWorld,
): Promise<VerifiedImage> {
  if (target.registry === undefined || budget.attempts === 0) {
    if (key === undefined && !(pin && target.digest === undefined)) {
      return { target, reference: target.reference, signed: false };
    }
    throw new UserError(
      `${target.reference} is not asked for at a registry, so that nobody knows its digest, and nothing was changed\n` +
        `next: name the image of a registry, or leave ${key === undefined ? "--pin" : "--verify-key"} out`,
    );
  }
  const registry = new Registry(target.registry, options);
  try {
    const manifest = await probe(registry, target, budget, world);
    const { digest } = manifest;
    if (key !== undefined) await assertSigned(registry, digest, key);
    const platforms = await platformsOf(manifest, registry);
    const reference = pin || key !== undefined ? pinned(target, digest) : target.reference;
    const known = [digest, ...listOf(manifest.body.manifests).flatMap((one) => textOf(objectOf(one).digest) ?? [])];
    return { target, reference, digest, known, platforms, signed: key !== undefined };
  } catch (error) {
    if (!(error instanceof RegistryProblem)) throw error;
    throw new UserError(
      `${target.reference} cannot be had, and nothing was changed: ${error.message}\nnext: ${error.next}`,
    );
  }
}
