import { isPinned, parseImage } from "../../components/kubernetes/image";
import { UserError } from "../../stacks/errors";

/** An image that somebody wants to run. */
export interface Target {
  /** As it was given, and as it is set: `ghcr.io/noetl/server:3.39.3`. */
  reference: string;
  /** Registry and path, without tag and digest: `ghcr.io/noetl/server`. */
  repository: string;
  /** What a registry is asked for: the digest where one was given, else the tag. */
  version: string;
  /** `sha256:` and 64 hexadecimal digits, where one was given. */
  digest?: string;
  /** Where its manifest is; undefined for an image that only the nodes have. */
  registry?: RegistryPlace;
}

/** A repository of a registry. */
export interface RegistryPlace {
  /** For people, and as credentials are kept: `ghcr.io`. */
  host: string;
  /** Where the API is, without `/v2/`: `https://ghcr.io`. */
  origin: string;
  /** Path of the repository there: `noetl/server`. */
  path: string;
}

/** Names that docker, ko and kind give to what only a machine has. */
const LOCAL_HOSTS: readonly string[] = ["localhost", "kind.local", "ko.local", "docker.local"];

/**
 * Takes apart what `--image` says.
 *
 * An image is local, and nobody is asked for it, where its name has no registry (`noetl:dev`), or one that only stands for
 * this machine (`localhost/noetl:dev`). A registry on a port of this machine is a registry.
 *
 * @throws UserError when it is no image, or does not say which one
 */
export function parseTarget(reference: string): Target {
  const image = parseImage(reference);
  if (image === undefined) {
    throw new UserError(
      `--image: "${reference}" is not an image\nallowed: REGISTRY/NAME:TAG or REGISTRY/NAME@sha256:…, such as ghcr.io/noetl/server:3.39.3`,
    );
  }
  if (!isPinned(reference)) {
    throw new UserError(
      `--image: "${reference}" does not say which image: it may be another one tomorrow\n` +
        "allowed: a tag other than latest, or a digest\nnext: name the released tag",
    );
  }
  const { repository, tag, digest } = image;
  const registry = placeOf(repository);
  return {
    reference,
    repository,
    version: digest ?? tag ?? "",
    ...(digest !== undefined && { digest }),
    ...(registry !== undefined && { registry }),
  };
}

/** The reference with the digest beside the tag: pods run this image whatever the tag means later. */
export function pinned({ reference, digest }: Target, resolved: string): string {
  return digest === undefined ? `${reference}@${resolved}` : reference;
}

function placeOf(repository: string): RegistryPlace | undefined {
  const [first = "", ...rest] = repository.split("/");
  if (rest.length === 0 || !/[.:]|^localhost$/.test(first) || LOCAL_HOSTS.includes(first)) return undefined;
  if (first === "docker.io" || first === "index.docker.io") {
    const path = rest.length === 1 ? `library/${rest.join("/")}` : rest.join("/");
    return { host: "docker.io", origin: "https://registry-1.docker.io", path };
  }
  const scheme = isLoopback(first.split(":")[0] ?? "") ? "http" : "https";
  return { host: first, origin: `${scheme}://${first}`, path: rest.join("/") };
}

/** Whether a host is this machine: the only one that is spoken to without TLS. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
