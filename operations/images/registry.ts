import { createHash } from "node:crypto";
import type { Json } from "../../preview/graph";
import { isObject, type JsonObject, textOf } from "../../preview/json";
import { parseChallenge } from "./challenge";
import { exchange, type RegistryAnswer } from "./exchange";
import { RegistryProblem } from "./problem";
import type { RegistryPlace } from "./target";

/** How a registry is spoken to. */
export interface RegistryOptions {
  /** User and password for a host, where somebody has logged in. Default: nobody has. */
  credentials?: (host: string) => Login | undefined;
  /** Milliseconds until an answer counts as missing. Default: 15 000. */
  limit?: number;
  /** What time it is, for registries that say until when they want to be left alone. */
  now: () => Date;
}

/** Who asks. */
export interface Login {
  user: string;
  password: string;
}

/** A manifest of which it is certain that it is what its digest says. */
export interface Manifest {
  digest: string;
  mediaType: string;
  body: JsonObject;
}

const LIMIT = 15_000;

/** All that can stand for an image: a manifest, or an index of one for each platform. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

const DIGEST = /^sha256:[a-f0-9]{64}$/;

/**
 * One repository of a registry, read over the API that all of them have.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 */
export class Registry {
  #authorization: string | undefined;

  constructor(
    readonly place: RegistryPlace,
    private readonly options: RegistryOptions,
  ) {}

  /**
   * Whether there is a manifest, without reading it.
   *
   * @param version a tag or a digest
   * @returns its digest; undefined when the registry does not say it
   * @throws RegistryProblem when there is none, or nobody knows
   */
  async head(version: string): Promise<string | undefined> {
    const { headers } = await this.ask("HEAD", `manifests/${version}`, MANIFESTS);
    const digest = headers.get("docker-content-digest");
    if (digest !== null && !DIGEST.test(digest)) throw this.wrong(`says that ${version} has the digest "${digest}"`);
    if (digest === null) this.assertManifest(headers, version);
    return digest ?? undefined;
  }

  /**
   * Reads a manifest and proves that it is what its digest says.
   *
   * @param version a tag or a digest
   * @param expected the digest that it must have, where it is known
   */
  async manifest(version: string, expected?: string): Promise<Manifest> {
    const { headers, body } = await this.ask("GET", `manifests/${version}`, MANIFESTS);
    const digest = digestOf(body);
    for (const said of [expected, DIGEST.test(version) ? version : undefined, headers.get("docker-content-digest")]) {
      if (said !== undefined && said !== null && said !== digest) {
        throw this.wrong(`gives a manifest with the digest ${digest} for ${version}, which is ${said}`);
      }
    }
    const value = this.json(body, version);
    return { digest, mediaType: textOf(value.mediaType) ?? mediaTypeOf(headers), body: value };
  }

  /** Reads a small blob and proves that it is what its digest says. */
  async blob(digest: string): Promise<Buffer> {
    const { body } = await this.ask("GET", `blobs/${digest}`, "*/*");
    if (digestOf(body) !== digest) throw this.wrong(`gives a blob with the digest ${digestOf(body)} for ${digest}`);
    return body;
  }

  private async ask(method: "GET" | "HEAD", what: string, accept: string): Promise<RegistryAnswer> {
    const url = new URL(`${this.place.origin}/v2/${this.place.path}/${what}`);
    const send = (): Promise<RegistryAnswer> =>
      exchange(url, { method, accept, authorization: this.#authorization, limit: this.options.limit ?? LIMIT });
    let answer = await send();
    if (answer.status === 401) {
      // Also where a token was sent: tokens end, and a probe may take longer than one lasts.
      const authorization = await this.authorize(answer.headers.get("www-authenticate"));
      if (authorization !== undefined) {
        this.#authorization = authorization;
        answer = await send();
      }
    }
    if (answer.status === 200) return answer;
    throw this.problemOf(answer, what.slice(what.indexOf("/") + 1));
  }

  /** What to send along next time. */
  private async authorize(header: string | null): Promise<string | undefined> {
    const { scheme, parameters } = parseChallenge(header) ?? {};
    const login = this.options.credentials?.(this.place.host);
    const basic = login && `Basic ${Buffer.from(`${login.user}:${login.password}`).toString("base64")}`;
    if (scheme === "basic") return basic;
    if (scheme !== "bearer") return undefined;
    const { realm = "", service } = parameters ?? {};
    if (!URL.canParse(realm)) throw this.wrong("does not say where its tokens come from");
    const url = new URL(realm);
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", `repository:${this.place.path}:pull`);
    const answer = await exchange(url, {
      method: "GET",
      authorization: basic,
      limit: this.options.limit ?? LIMIT,
    });
    if (answer.status !== 200) throw this.problemOf(answer, "a token");
    const { token, access_token: also } = this.json(answer.body, "a token");
    const text = textOf(token) ?? textOf(also);
    if (text === undefined) throw this.wrong("gives an answer without a token");
    return `Bearer ${text}`;
  }

  private problemOf({ status, headers }: RegistryAnswer, what: string): RegistryProblem {
    const { host, path } = this.place;
    const says = `${host} answers ${status} for ${path} ${what}`;
    if (status === 401 || status === 403) return new RegistryProblem("denied", `${says}: it does not let us`);
    if (status === 404) return new RegistryProblem("absent", `${says}: there is none, or not yet`);
    if (status === 429 || status >= 500) {
      const wait = secondsOf(headers.get("retry-after"), this.options.now());
      return new RegistryProblem("busy", status === 429 ? `${says}: too many requests` : says, wait);
    }
    return new RegistryProblem("wrong", says);
  }

  private assertManifest(headers: Headers, version: string): void {
    const type = mediaTypeOf(headers);
    if (!MANIFESTS.includes(type) || type === "") throw this.wrong(`answers for ${version} with "${type}"`);
  }

  private json(body: Buffer, what: string): JsonObject {
    try {
      const value = JSON.parse(body.toString("utf8")) as Json;
      if (isObject(value)) return value;
    } catch {
      // Said below.
    }
    throw this.wrong(`answers for ${what} with something else than JSON`);
  }

  private wrong(what: string): RegistryProblem {
    return new RegistryProblem("wrong", `${this.place.host} ${what}`);
  }
}

/** `sha256:…` of some bytes. */
export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

function mediaTypeOf(headers: Headers): string {
  return (headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}

function secondsOf(header: string | null, now: Date): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - now.getTime()) / 1000));
}
