import { createServer, type AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { CborCodec } from "surrealdb";
import { WebSocketServer } from "ws";
import { openStorage } from "../../../orchestrator/storage/open";
import { erase, isThere } from "../../../orchestrator/storage/copy/places";
import type { SurrealServer } from "../../../orchestrator/storage/surreal/connection";
import { ServerDatabase } from "../../../orchestrator/storage/surreal/server";
import { SurrealStorage } from "../../../orchestrator/storage/surreal/storage";
import { step, walks } from "../../../orchestrator/storage/surreal/tables";
import { leaderOf } from "../../../orchestrator/storage/surreal/term";
import { newTask } from "../../orchestrator/made";
import { conformsToStorage } from "../../orchestrator/storage/conformance";
import { createAuthority } from "../cluster/certificates";
import { waitFor } from "../support/wait";
import { Cuttable } from "./cuttable";
import { ROOT_LOGIN, surrealImpossible, SurrealServerProcess } from "./surreal-server";

const impossible = surrealImpossible();

(impossible === undefined ? describe : describe.skip)(
  `SurrealDB server${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    let server: SurrealServerProcess;
    beforeAll(async () => {
      server = await SurrealServerProcess.start();
    });
    afterAll(async () => {
      await server.stop();
    });

    const term = { owner: "test/1", url: "", ms: 5000 };
    const placed = (place: SurrealServer) => ({ kind: "surrealdb-server", server: place }) as const;

    conformsToStorage("SurrealStorage on a server", () => {
      const place = server.place();
      const open = async () => openStorage(placed(place), { termMs: 1000 });
      return Promise.resolve({
        open,
        async crash(storage) {
          await storage.close();
          await server.kill();
          await server.again();
        },
        remove: async () => erase(placed(place)),
      });
    });

    it("walks every list along an index, and stops where the page does", async () => {
      const database = await ServerDatabase.connect(server.place());
      const storage = await SurrealStorage.open(database, { term });
      await storage.commit({ tasks: Array.from({ length: 50 }, (_, at) => newTask(`t${at}`, { stack: "kind" })) });

      const plans: [string, string][] = [];
      for (const first of ["oldest", "newest"] as const) {
        for (const filter of [{}, { states: ["pending" as const] }, { stack: "kind" }]) {
          const [way] = walks(filter, first, undefined);
          if (!way) throw new Error("no way");
          const [plan] = await database.query(`EXPLAIN ${step("task", "task", way, 10)}`, { ...way });
          plans.push([way.field, String(plan)]);
        }
      }
      const [byKey] = await database.query("EXPLAIN SELECT body FROM task WHERE key = 'k'");

      expect(plans.map(([field]) => field)).toEqual([
        "oldest",
        "stateOldest",
        "stackOldest",
        "newest",
        "stateNewest",
        "stackNewest",
      ]);
      for (const [field, plan] of plans) {
        expect(plan).toMatch(new RegExp(`IndexScan .*index: task_${field}, .*direction: Forward, limit: 10`));
        expect(plan).not.toMatch(/Sort|TableScan|Filter/);
      }
      expect(byKey).toMatch(/IndexScan .*index: task_key/);
      await storage.close();
    });

    it("given a way that is cut and a server that is killed, is away, then goes on with what was under way", async () => {
      const way = await Cuttable.to(server.port);
      const database = await ServerDatabase.connect({ ...server.place(), url: `ws://127.0.0.1:${way.port}` });
      const storage = await SurrealStorage.open(database, { term: { ...term, ms: 60_000 } });
      const { tasks } = await storage.commit({ tasks: [newTask("a")] });
      const [a] = tasks;
      if (!a) throw new Error("it was written");

      way.cut();
      await waitFor("the loss", () => (storage.health().state === "away" ? true : undefined));
      const late = storage.commit({ tasks: [{ ...a, priority: 9 }] });
      await expect(storage.commit({ tasks: [newTask("b")] })).rejects.toMatchObject({ code: "storage-away" });
      await expect(storage.task("a")).rejects.toMatchObject({ code: "storage-away" });
      await server.kill();
      way.mend();
      await server.again();

      expect((await late).tasks[0]).toMatchObject({ priority: 9, revision: 2 });
      expect(storage.health()).toEqual({ state: "ok" });
      expect(await storage.task("a")).toMatchObject({ priority: 9, revision: 2 });
      await storage.close();
      way.close();
    });

    it("over TLS, is trusted by its authority only", async () => {
      const authority = await createAuthority("surrealdb");
      const secured = await SurrealServerProcess.start(await authority.server(["127.0.0.1"]));
      try {
        const place = secured.place();
        const storage = await openStorage(placed({ ...place, ca: authority.certificate }));
        await storage.commit({ tasks: [newTask("a")] });
        expect(await storage.stateOf("a")).toBe("pending");
        await storage.close();
        const { certificate: ca } = await createAuthority("another");
        for (const one of [place, { ...place, ca }]) {
          await expect(openStorage(placed(one))).rejects.toThrow(/unable to verify the first certificate/);
        }
      } finally {
        await secured.stop();
      }
    });

    it("given connections that break in the middle of commits, does each once", async () => {
      const way = await Cuttable.to(server.port);
      const database = await ServerDatabase.connect({ ...server.place(), url: `ws://127.0.0.1:${way.port}` });
      const storage = await SurrealStorage.open(database, { term: { ...term, ms: 60_000 } });
      let cuts = 0;
      const cutting = setInterval(() => {
        cuts++;
        way.cut();
        way.mend();
      }, 150);
      let at = 0;
      for (; cuts < 10; at++) {
        // New ones are refused while it is away; those that are there wait.
        await waitFor(
          "the server",
          async () =>
            storage
              .commit({
                tasks: [newTask(`t${at}`, { key: `k${at}` })],
                audit: [{ at, by: "x", action: "y", why: "z" }],
              })
              .then(
                () => true as const,
                (error: unknown) => {
                  expect(error).toMatchObject({ code: "storage-away" });
                  return undefined;
                },
              ),
          { every: 5 },
        );
      }
      clearInterval(cutting);
      await waitFor("the server", () => (storage.health().state === "ok" ? true : undefined));

      expect((await storage.counts()).pending).toBe(at);
      expect(await storage.verifyAudit()).toMatchObject({ whole: true, entries: at });
      await storage.close();
      way.close();
    });

    it("given two at once, lets one write, and the other only once its term is over", async () => {
      const place = server.place();
      const [one, two] = [await ServerDatabase.connect(place), await ServerDatabase.connect(place)];
      const first = await SurrealStorage.open(one, { term });

      await expect(SurrealStorage.open(two, { term })).rejects.toMatchObject({ name: "Held" });
      expect(await leaderOf(two)).toMatchObject({ session: 1, owner: "test/1" });
      await one.query("UPDATE leader:main SET until = time::now() - 1s");
      const second = await SurrealStorage.open(two, { term });

      await expect(first.commit({ tasks: [newTask("a")] })).rejects.toMatchObject({
        code: "storage-broken",
        message: "SurrealDB: another orchestrator has taken over",
      });
      await second.commit({ tasks: [newTask("a")] });
      await second.close();
      expect(await leaderOf(one)).toBeUndefined();
      await first.close();
    });

    it("given one that works on it, refuses a command that would, and says who", async () => {
      const place = server.place();
      const storage = await openStorage(placed(place), { termMs: 900 });

      await expect(openStorage(placed(place))).rejects.toThrow(
        new RegExp(
          `^.*/${process.pid} works on surrealdb-server at ${place.url}, test/${place.database}: stop it first$`,
        ),
      );
      await storage.close();
    });

    it("counts itself out when nothing is answered for a whole term", async () => {
      const way = await Cuttable.to(server.port);
      const database = await ServerDatabase.connect({ ...server.place(), url: `ws://127.0.0.1:${way.port}` });
      const storage = await SurrealStorage.open(database, { term: { ...term, ms: 300 } });
      const { tasks } = await storage.commit({ tasks: [newTask("a")] });

      way.cut();
      const write = storage.commit({ tasks });

      await expect(write).rejects.toMatchObject({ code: "storage-broken" });
      expect(storage.health()).toEqual({
        state: "broken",
        reason: "SurrealDB: the database has not answered for a whole term",
      });
      await storage.close();
      way.close();
    });

    it("lets users of the database, of the namespace and of the server in", async () => {
      const place = server.place();
      const root = await ServerDatabase.connect(place);
      await root.query(
        "DEFINE USER ann ON DATABASE PASSWORD 'a' ROLES EDITOR; DEFINE USER bob ON NAMESPACE PASSWORD 'b' ROLES EDITOR",
      );

      for (const login of [{ username: "ann", password: "a" }, { username: "bob", password: "b" }, ROOT_LOGIN]) {
        const storage = await openStorage(placed({ ...place, login }));
        await storage.close();
      }
      expect(await isThere(placed(place))).toBe(true);
      await erase(placed(place));
      expect(await isThere(placed(place))).toBe(false);
      await root.close();
    });

    it.each<[string, (place: SurrealServer) => SurrealServer | Promise<SurrealServer>, string]>([
      [
        "a wrong password",
        (place) => ({ ...place, login: { username: "root", password: "wrong" } }),
        "it does not know user root with that password",
      ],
      ["nobody's name", (place) => ({ ...place, login: undefined }), "it asks for a user"],
      [
        "no server",
        async (place) => ({ ...place, url: `ws://127.0.0.1:${await closedPort()}` }),
        "connect ECONNREFUSED",
      ],
      [
        "another server",
        async (place) => ({ ...place, url: `ws://127.0.0.1:${await otherServer()}` }),
        "Unexpected server response: 404",
      ],
      [
        "another version",
        async (place) => ({ ...place, url: `ws://127.0.0.1:${await ofVersion("surrealdb-2.6.0")}` }),
        "it is surrealdb-2.6.0, and only versions from 3 to below 4 will do",
      ],
    ])("given %s, says so, and not the password", async (_title, change, message) => {
      const place = await change(server.place());

      const refusal = await openStorage(placed(place)).catch((error: unknown) => error);

      expect(refusal).toMatchObject({ name: "UserError" });
      expect(String(refusal)).toContain(`cannot use the SurrealDB at ${place.url}: ${message}`);
      expect(String(refusal)).not.toContain(place.login?.password ?? "none");
    });

    const ends: (() => void)[] = [];
    afterAll(() => {
      for (const end of ends) end();
    });

    async function closedPort(): Promise<number> {
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
      const { port } = taken.address() as AddressInfo;
      await new Promise((resolve) => taken.close(resolve));
      return port;
    }

    async function otherServer(): Promise<number> {
      const { createServer: createHttp } = await import("node:http");
      const other = createHttp((_request, response) => response.writeHead(404).end());
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      ends.push(() => other.close());
      return (other.address() as AddressInfo).port;
    }

    /** Answers each request with its version. */
    async function ofVersion(version: string): Promise<number> {
      const codec = new CborCodec({});
      const other = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      other.on("connection", (socket) => {
        socket.on("message", (data: Buffer) => {
          const { id, method } = codec.decode<{ id: string; method: string }>(new Uint8Array(data));
          socket.send(
            codec.encode({
              id,
              result: method === "version" ? version : method === "signin" ? { access: "a.e30.b" } : null,
            }),
          );
        });
      });
      await new Promise((resolve) => other.once("listening", resolve));
      ends.push(() => {
        other.close();
      });
      return (other.address() as AddressInfo).port;
    }
  },
);
