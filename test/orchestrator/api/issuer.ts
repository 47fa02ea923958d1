import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from "jose";

export const AUDIENCE = "noetl";

interface Key {
  algorithm: string;
  private: CryptoKey;
  public: JWK;
}

/** An OpenID provider with keys of its own, on a free port. */
export class Issuer {
  /** By their names; those that it shows. */
  readonly keys = new Map<string, Key>();
  /** How often its keys were asked for. */
  asked = 0;
  /** What it calls itself. Default: its address. */
  name: string | undefined;
  /** Nobody gets an answer. */
  isDown = false;
  private readonly server: Server = createServer((request, response) => {
    if (this.isDown) {
      request.socket.destroy();
      return;
    }
    const answer = this.answer(request.url ?? "");
    response.writeHead(answer ? 200 : 404, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify(answer ?? {}));
  });

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await issuer.rotate("k1");
    const { server } = issuer;
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return issuer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** Signs by a new key from now on; the old ones are no longer shown. @returns the new key */
  async rotate(kid: string, algorithm = "ES256"): Promise<Key> {
    const pair = await generateKeyPair(algorithm, { extractable: true });
    const key = { algorithm, private: pair.privateKey, public: { ...(await exportJWK(pair.publicKey)), kid } };
    this.keys.clear();
    this.keys.set(kid, key);
    return key;
  }

  /** A token by the newest key. @param claims In place of right ones; undefined leaves one out. */
  async token(claims: JWTPayload = {}, header: { kid?: string; alg?: string } = {}, by?: Key): Promise<string> {
    const [kid = "", key] = [...this.keys].at(-1) ?? [];
    const signer = by ?? key;
    if (!signer) throw new Error("no key");
    const now = Math.floor(Date.now() / 1000);
    const payload = {
      iss: this.url,
      aud: AUDIENCE,
      sub: "ann",
      iat: now,
      exp: now + 300,
      roles: ["operator"],
      ...claims,
    };
    return new SignJWT(payload).setProtectedHeader({ alg: signer.algorithm, kid, ...header }).sign(signer.private);
  }

  private answer(path: string): unknown {
    if (path === "/.well-known/openid-configuration") {
      return { issuer: this.name ?? this.url, jwks_uri: `${this.url}/keys` };
    }
    if (path !== "/keys") return undefined;
    this.asked++;
    return { keys: [...this.keys.values()].map((key) => key.public) };
  }
}
