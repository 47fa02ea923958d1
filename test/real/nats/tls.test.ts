import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { connect } from "@nats-io/transport-node";
import { serviceHost, type NatsFacts, type NatsTls } from "../../../components/nats/facts";
import { certificateNames } from "../../../components/nats/links";
import { ensureTool } from "../../../tools/find";
import { CLUSTER_FACTS } from "../../components/nats/facts";
import { type Authority, createAuthority, expired, type KeyedCertificate } from "../cluster/certificates";
import { waitFor } from "../support/wait";
import { loginAnswer } from "./client";
import { allCurrent, metaGroup, objectsOf, PASSWORDS } from "./cluster-objects";
import { podsImpossible } from "./image";
import type { PodObjects } from "./manifests";
import type { NatsPod } from "./pod";
import { NatsPods } from "./pods";

const LOGIN = { user: "noetl", password: PASSWORDS.noetl };
const FACTS = facts("mutual");
const NAMES = certificateNames(FACTS);

const NOT_OF_THE_CA = "x509: certificate signed by unknown authority";
const EXPIRED = "x509: certificate has expired or is not yet valid";
const NOT_FOR_CLIENTS = "x509: certificate specifies an incompatible key usage";

/** What a client shows, and whom it trusts. */
interface ClientTls extends Partial<KeyedCertificate> {
  ca: string;
}

const reason = podsImpossible();

(reason === undefined ? describe : describe.skip)(
  `TLS of a NATS cluster${reason === undefined ? "" : ` (skipped: ${reason})`}`,
  () => {
    let natsServer: string;
    let authority: Authority;
    let other: Authority;

    beforeAll(async () => {
      const tool = await ensureTool("nats-server");
      if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
      natsServer = tool.path;
      // Of the same name, so that nothing but the signature tells their certificates apart.
      [authority, other] = await Promise.all([createAuthority("nats-test"), createAuthority("nats-test")]);
    });

    describe("with clients: mutual", () => {
      let pods: NatsPods;
      let first: NatsPod;

      beforeAll(async () => {
        const [own, strange, old, serverOnly] = await Promise.all([
          authority.peer(NAMES),
          other.peer(NAMES),
          authority.peer(NAMES, expired()),
          authority.server(NAMES),
        ]);
        const objects = withCertificate(objectsOf(FACTS), own);
        pods = await NatsPods.create(
          natsServer,
          objects,
          fourth("welcome", objects),
          fourth("strange", withCertificate(objects, strange)),
          fourth("expired", withCertificate(objects, old)),
          fourth("server-only", withCertificate(objects, serverOnly)),
        );
        first = pods.pod("nats-0");
        await pods.start(pods.of("nats"));
        await pods.ready(pods.of("nats"));
      });
      afterAll(() => pods.remove());

      it("three servers with certificates for the names of certificateNames form a healthy cluster", async () => {
        await allCurrent(pods.of("nats"));
        expect(await metaGroup(first)).toMatchObject({ cluster_size: 3 });
        for (const pod of pods.of("nats")) {
          const { routes } = await pod.monitor<Routes>("/routez");
          const peers = new Set(routes.map((route) => route.remote_name));
          expect([...peers, pod.name].sort()).toEqual(["nats-0", "nats-1", "nats-2"]);
          expect(await pod.monitor("/varz")).toMatchObject({ cluster: { tls_required: true, tls_verify: true } });
        }
      });

      it("lets a client in whose certificate is of the CA", async () => {
        const tls = { ca: authority.certificate, ...(await authority.client("worker")) };
        for (const pod of pods.of("nats")) expect(await tlsAnswer(pod, tls)).toBe("ok");
      });

      it.each([
        { title: "without a certificate", why: "tls: client didn't provide a certificate", show: () => undefined },
        { title: "with one of another CA", why: NOT_OF_THE_CA, show: () => other.client("worker") },
        { title: "with an expired one", why: EXPIRED, show: () => authority.client("worker", [], expired()) },
      ])("refuses a client $title", async ({ why, show }) => {
        const before = first.log.length;
        expect(await tlsAnswer(first, { ca: authority.certificate, ...(await show()) })).not.toBe("ok");
        await logged(first, before, "TLS handshake error", why);
      });

      it("refuses a client that does not use TLS", async () => {
        expect(await loginAnswer(first.ip, LOGIN)).toBe("closed by the server");
      });

      it("is refused by a client that trusts another CA, or expects another name", async () => {
        const certificate = await authority.client("worker");
        const trusting = { ca: authority.certificate, ...certificate };
        expect(await tlsAnswer(first, { ...trusting, ca: other.certificate })).toMatch(/certificate/);
        expect(await tlsAnswer(first, trusting, "nats.elsewhere")).toContain(
          "Host: nats.elsewhere. is not in the cert",
        );
      });

      it.each([
        { title: "is of another CA", name: "strange", why: NOT_OF_THE_CA },
        { title: "has expired", name: "expired", why: EXPIRED },
        { title: "is not for clients", name: "server-only", why: NOT_FOR_CLIENTS },
      ])("a fourth server whose certificate $title does not join, for all its password", async ({ name, why }) => {
        const stranger = pods.pod(`${name}-0`);
        const members = pods.of("nats").map((pod) => ({ pod, before: pod.log.length }));
        try {
          await stranger.start();
          for (const { pod, before } of members) await logged(pod, before, "TLS route handshake error", why);
          expect(await stranger.monitor("/routez")).toMatchObject({ num_routes: 0 });
          expect(await metaGroup(stranger)).toBeUndefined();
        } finally {
          await stranger.kill();
        }
        for (const { pod } of members) expect(await metaGroup(pod)).toMatchObject({ cluster_size: 3 });
      });

      // The last, since the meta group keeps its fourth member.
      it("the same fourth server joins with a certificate of the CA", async () => {
        const welcome = pods.pod("welcome-0");
        await welcome.start();
        await waitFor("the fourth member", async () =>
          (await metaGroup(first))?.cluster_size === 4 ? true : undefined,
        );
        await welcome.ready();
      });
    });

    it.each([
      { clients: "required", plaintext: "closed by the server" },
      { clients: "optional", plaintext: "ok" },
    ] as const)("given clients: $clients, a client without TLS is told $plaintext, one with TLS ok", async (given) => {
      const objects = objectsOf({ ...facts(given.clients), replicas: 1 });
      const pods = await NatsPods.create(natsServer, withCertificate(objects, await authority.peer(NAMES)));
      try {
        const [pod] = pods.all as [NatsPod];
        await pod.start();
        expect(await tlsAnswer(pod, { ca: authority.certificate })).toBe("ok");
        expect(await tlsAnswer(pod, { ca: other.certificate })).toMatch(/certificate/);
        expect(await loginAnswer(pod.ip, LOGIN)).toBe(given.plaintext);
      } finally {
        await pods.remove();
      }
    });

    /** The objects with this certificate; whose it may be, the servers trust the one authority. */
    function withCertificate(objects: PodObjects, { certificate, key }: KeyedCertificate): PodObjects {
      const stringData = { "tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate };
      return { ...objects, tlsSecret: { metadata: { name: "nats-tls" }, stringData } };
    }
  },
);

interface Routes {
  routes: { remote_name: string }[];
}

function facts(clients: NatsTls["clients"]): NatsFacts {
  return { ...CLUSTER_FACTS, tls: { secretName: "nats-tls", clients } };
}

/** A further server of the same cluster: same configuration, same password, same Service. */
function fourth(name: string, objects: PodObjects): PodObjects {
  const { metadata, spec } = objects.statefulSet as { metadata: object; spec: object };
  const statefulSet = { metadata: { ...metadata, name }, spec: { ...spec, replicas: 1 } };
  return { ...objects, statefulSet: statefulSet as PodObjects["statefulSet"] };
}

/** What becomes of a client that insists on TLS: `"ok"`, or its error. */
async function tlsAnswer(
  { ip }: NatsPod,
  { ca, certificate, key }: ClientTls,
  servername = serviceHost(FACTS.name, FACTS.namespace),
): Promise<string> {
  // The client hands everything on to node:tls, which is to expect the name that clients know, not the address.
  const tls = { ca, servername, ...(certificate !== undefined && { cert: certificate, key }) };
  try {
    const connection = await connect({
      servers: `${ip}:4222`,
      user: LOGIN.user,
      pass: LOGIN.password,
      reconnect: false,
      ignoreClusterUpdates: true,
      tls,
    });
    await connection.flush();
    await connection.close();
    return "ok";
  } catch (error) {
    return String(error);
  }
}

/** Waits for a line of the log that has all these words, behind what had been logged before. */
async function logged(pod: NatsPod, before: number, ...words: string[]): Promise<void> {
  await waitFor(`${pod.name} to log ${words.join(" … ")}`, () => {
    const lines = pod.log.slice(before).split("\n");
    return lines.some((line) => words.every((word) => line.includes(word))) || undefined;
  });
}
