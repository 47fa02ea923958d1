import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { clientOf, EXPIRED, PHASES, serverOf, trusting, type Peer } from "./phases";
import { make, type Made } from "./program";

const HOST = "noetl.noetl.svc.cluster.local";
const NAMES = Object.keys(PHASES) as (keyof typeof PHASES)[];

/** What a client gets of a server that demands certificates: the word that only accepted ones get, or why not. */
async function talk(server: Peer, client: Partial<Peer>, host = HOST): Promise<string> {
  const listener = createServer({ ...server, requestCert: true, rejectUnauthorized: false });
  let refusal: string | undefined;
  listener.on("secureConnection", (socket: TLSSocket) => {
    socket.on("error", () => undefined);
    if (socket.authorized) {
      socket.end("welcome");
      return;
    }
    // The same as with rejectUnauthorized, which does not tell why.
    refusal = `server: ${String(socket.authorizationError)}`;
    socket.destroy();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  try {
    return await new Promise<string>((resolve) => {
      let heard = "";
      const socket = connect({ ...client, host: "127.0.0.1", port, servername: host });
      socket.on("data", (data: Buffer) => (heard += data.toString()));
      socket.on("error", (error: Error & { code?: string }) => {
        resolve(refusal ?? `client: ${error.code ?? error.message}`);
      });
      socket.on("close", () => {
        resolve(heard === "" ? (refusal ?? "closed") : heard);
      });
    });
  } finally {
    listener.close();
  }
}

describe("peers with the certificates of the program", () => {
  const phases = new Map<string, Made>();
  let own: Made;
  let strange: Made;
  let expired: Made;

  beforeAll(async () => {
    // One after another: they share the SDK's state.
    for (const name of NAMES) phases.set(name, await make(PHASES[name]));
    own = phaseOf("before");
    strange = await make(trusting(), "another stack");
    expired = await make(EXPIRED);
  });

  function phaseOf(name: string): Made {
    const made = phases.get(name);
    if (!made) throw new Error(`no phase ${name}`);
    return made;
  }

  it("accept each other", async () => {
    expect(await talk(serverOf(own), clientOf(own))).toBe("welcome");
  });

  it("accept each other by any name that the server has", async () => {
    for (const name of ["noetl.noetl.svc", "localhost"]) {
      expect(await talk(serverOf(own), clientOf(own), name)).toBe("welcome");
    }
  });

  it("the server refuses a client without a certificate", async () => {
    const { ca } = clientOf(own);
    expect(await talk(serverOf(own), { ca })).toBe("server: UNABLE_TO_GET_ISSUER_CERT");
  });

  it("the server refuses a client of another stack's root, though it has the same name", async () => {
    expect(await talk(serverOf(own), { ...clientOf(strange), ca: clientOf(own).ca })).toBe(
      "server: UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    );
  });

  it("the client refuses a server of another stack's root", async () => {
    expect(await talk(serverOf(strange), clientOf(own))).toBe("client: SELF_SIGNED_CERT_IN_CHAIN");
  });

  it("both refuse who has expired", async () => {
    const { ca } = clientOf(expired);
    expect(await talk(serverOf(expired), clientOf(expired))).toBe("client: CERT_HAS_EXPIRED");
    const trustsBoth = { ...serverOf(own), ca: serverOf(own).ca + serverOf(expired).ca };
    expect(await talk(trustsBoth, { ...clientOf(expired), ca: ca + clientOf(own).ca })).toBe(
      "server: CERT_HAS_EXPIRED",
    );
  });

  it("the client refuses a server by a name that is not its own", async () => {
    expect(await talk(serverOf(own), clientOf(own), "noetl.elsewhere.svc")).toBe(
      "client: ERR_TLS_CERT_ALTNAME_INVALID",
    );
  });

  it("the server refuses a client that shows the server's own certificate, which is for servers", async () => {
    expect(await talk(serverOf(own), { ...serverOf(own), ca: clientOf(own).ca })).toBe("server: INVALID_PURPOSE");
  });

  it("the client refuses a server that shows a client's certificate", async () => {
    expect(await talk(clientOf(own), clientOf(own), "noetl-worker-rust.noetl.svc")).toBe("client: INVALID_PURPOSE");
  });

  describe("in a roll of the root", () => {
    it.each(NAMES.slice(0, -1).map((name, index) => [name, NAMES[index + 1] ?? ""]))(
      "while pods go from '%s' to '%s', old and new ones accept each other",
      async (from, to) => {
        const [old, young] = [phaseOf(from), phaseOf(to)];
        for (const server of [old, young]) {
          for (const client of [old, young]) expect(await talk(serverOf(server), clientOf(client))).toBe("welcome");
        }
      },
    );

    it("after it, a certificate of the old root is refused on both sides", async () => {
      const [old, young] = [phaseOf("both trusted"), phaseOf("the old one dropped")];
      expect(await talk(serverOf(young), clientOf(old))).toBe("server: SELF_SIGNED_CERT_IN_CHAIN");
      expect(await talk(serverOf(old), clientOf(young))).toBe("client: SELF_SIGNED_CERT_IN_CHAIN");
    });

    it("without its first step, nobody would accept anybody: what the rule of the schema forbids", async () => {
      const [old, young] = [phaseOf("before"), phaseOf("the new one signs")];
      expect(await talk(serverOf(old), clientOf(young))).toBe("server: SELF_SIGNED_CERT_IN_CHAIN");
      expect(await talk(serverOf(young), clientOf(old))).toBe("client: SELF_SIGNED_CERT_IN_CHAIN");
    });
  });

  describe("read by OpenSSL", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "noetl-tls-"));
    });
    afterAll(() => {
      rmSync(folder, { recursive: true });
    });

    it.each([
      ["server", "sslserver"],
      ["client", "sslclient"],
    ])("the %s's certificate is sound, strictly, for its purpose", (role, purpose) => {
      const { cert, ca } = role === "server" ? serverOf(own) : clientOf(own);
      const [leaf, root] = [join(folder, `${role}.crt`), join(folder, "ca.crt")];
      writeFileSync(leaf, cert);
      writeFileSync(root, ca);
      const said = execFileSync("openssl", ["verify", "-x509_strict", "-purpose", purpose, "-CAfile", root, leaf]);
      expect(said.toString()).toBe(`${leaf}: OK\n`);
    });
  });
});
