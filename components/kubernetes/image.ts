/** The parts of a container image reference. */
export interface ImageReference {
  /** Registry and path: `ghcr.io/noetl/server`. */
  repository: string;
  tag?: string;
  /** `sha256:` and 64 hexadecimal digits. */
  digest?: string;
}

const REFERENCE =
  /^(?<repository>[a-z0-9][a-z0-9._-]*(?::\d+(?=\/))?(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[a-f0-9]{64}))?$/;

/**
 * Takes an image reference apart.
 *
 * @returns undefined when the text is not a reference.
 * @see https://github.com/distribution/reference
 */
export function parseImage(reference: string): ImageReference | undefined {
  const match = REFERENCE.exec(reference);
  const { repository, tag, digest } = match?.groups ?? {};
  if (repository === undefined || repository.length > 255) return undefined;
  return { repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** Whether a reference says which image it means: a tag other than `latest`, or a digest. */
export function isPinned(reference: string): boolean {
  const image = parseImage(reference);
  return image !== undefined && (image.digest !== undefined || (image.tag !== undefined && image.tag !== "latest"));
}
