import { createHash, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An answer that a registry gives in the place of the right one. */
export interface Whim {
  status?: number;
  headers?: Record<string, string | undefined>;
  body?: string;
  /** Takes the connection down without an answer. */
  hangUp?: boolean;
  /** Never answers. */
  silent?: boolean;
}

/** What it was asked. */
export interface Asked {
  method: string;
  path: string;
  authorization: string | undefined;
}

const INDEX = "application/vnd.oci.image.index.v1+json";
const IMAGE = "application/vnd.oci.image.manifest.v1+json";

/** An OCI registry on loopback, as true or as odd as a test wants it. */
export class LoopbackRegistry {
  readonly asked: Asked[] = [];
  /** Looked at for each request first; gets how many of its method and path have come, this one included. */
  whim: ((asked: Asked, count: number) => Whim | undefined) | undefined;
  /** Whether it wants a token, which its own `/token` gives to everybody. */
  wantsToken = false;
  /** Value of `Authorization` that `/token` wants; undefined for none. */
  wantsLogin: string | undefined;
  /** How many requests a token is good for. */
  tokenUses = Infinity;
  readonly #manifests = new Map<string, { type: string; body: string }>();
  readonly #blobs = new Map<string, string>();
  readonly #tokens = new Map<string, number>();

  private constructor(
    private readonly server: Server,
    /** `127.0.0.1:PORT`. */
    readonly host: string,
  ) {}

  static async start(): Promise<LoopbackRegistry> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const registry = new LoopbackRegistry(server, `127.0.0.1:${(server.address() as AddressInfo).port}`);
    server.on("request", (request, response) => {
      registry.answer(request, response);
    });
    return registry;
  }

  /** Publishes an image for some architectures of Linux. @returns its digest */
  publish(path: string, tag: string, architectures: readonly string[] = ["amd64", "arm64"]): string {
    const images = architectures.map((architecture) => {
      const config = this.addBlob(JSON.stringify({ os: "linux", architecture, of: `${path}:${tag}` }));
      const layers: unknown[] = [];
      return { architecture, body: JSON.stringify({ schemaVersion: 2, mediaType: IMAGE, config, layers }) };
    });
    const [only] = images;
    if (images.length === 1 && only !== undefined) return this.add(path, tag, IMAGE, only.body);
    const manifests = images.map(({ architecture, body }) => ({
      mediaType: IMAGE,
      digest: this.add(path, digestOf(body), IMAGE, body),
      size: body.length,
      platform: { os: "linux", architecture },
    }));
    const attestation = { mediaType: IMAGE, platform: { os: "unknown", architecture: "unknown" } };
    const body = { schemaVersion: 2, mediaType: INDEX, manifests: [...manifests, attestation] };
    return this.add(path, tag, INDEX, JSON.stringify(body));
  }

  /** Signs as cosign does. @param claims digest that the signature names */
  sign(path: string, digest: string, key: KeyObject, claims = digest): void {
    const payload = JSON.stringify({
      critical: {
        identity: { "docker-reference": `${this.host}/${path}` },
        image: { "docker-manifest-digest": claims },
        type: "cosign container image signature",
      },
      optional: null,
    });
    const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
    const signature = sign(hash, Buffer.from(payload), key).toString("base64");
    const layer = {
      ...this.addBlob(payload),
      mediaType: "application/vnd.dev.cosign.simplesigning.v1+json",
      annotations: { "dev.cosignproject.cosign/signature": signature },
    };
    const body = { schemaVersion: 2, mediaType: IMAGE, config: this.addBlob("{}"), layers: [layer] };
    this.add(path, `${digest.replace(":", "-")}.sig`, IMAGE, JSON.stringify(body));
  }

  /** How often a path was asked for. */
  count(method: string, path: string): number {
    return this.asked.filter((asked) => asked.method === method && asked.path === path).length;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private add(path: string, tag: string, type: string, body: string): string {
    const digest = digestOf(body);
    for (const version of [tag, digest]) this.#manifests.set(`/v2/${path}/manifests/${version}`, { type, body });
    return digest;
  }

  private addBlob(body: string): { digest: string; size: number } {
    const digest = digestOf(body);
    this.#blobs.set(digest, body);
    return { digest, size: body.length };
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url = "", headers } = request;
    const asked = { method, path: url, authorization: headers.authorization };
    this.asked.push(asked);
    const whim = this.whim?.(asked, this.count(method, url));
    if (whim?.hangUp) request.socket.destroy();
    else if (whim?.silent === true) return;
    else if (whim !== undefined) response.writeHead(whim.status ?? 200, whim.headers).end(whim.body ?? "");
    else if (url.startsWith("/token?")) this.giveToken(asked, response);
    else if (this.wantsToken && !this.isGood(headers.authorization)) this.askForToken(url, response);
    else this.give(asked, response);
  }

  private giveToken({ authorization }: Asked, response: ServerResponse): void {
    if (authorization !== this.wantsLogin) {
      response.writeHead(403).end('{"errors":[{"code":"DENIED"}]}');
      return;
    }
    const token = `token-${this.#tokens.size}`;
    this.#tokens.set(`Bearer ${token}`, this.tokenUses);
    response.end(JSON.stringify({ token }));
  }

  private isGood(authorization = ""): boolean {
    const uses = this.#tokens.get(authorization) ?? 0;
    if (uses > 0) this.#tokens.set(authorization, uses - 1);
    return uses > 0;
  }

  private askForToken(url: string, response: ServerResponse): void {
    const [, path = ""] = /^\/v2\/(.*)\/(?:manifests|blobs)\//.exec(url) ?? [];
    const challenge = `Bearer realm="http://${this.host}/token",service="${this.host}",scope="repository:${path}:pull"`;
    response.writeHead(401, { "www-authenticate": challenge }).end('{"errors":[{"code":"UNAUTHORIZED"}]}');
  }

  private give({ path }: Asked, response: ServerResponse): void {
    const manifest = this.#manifests.get(path);
    const blob = this.#blobs.get(path.split("/blobs/")[1] ?? "");
    if (manifest !== undefined) {
      const { type, body } = manifest;
      const headers = { "content-type": type, "docker-content-digest": digestOf(body), "content-length": body.length };
      // Node leaves the body out for HEAD.
      response.writeHead(200, headers).end(body);
    } else if (blob !== undefined) response.end(blob);
    else response.writeHead(404).end('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');
  }
}

export function digestOf(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
