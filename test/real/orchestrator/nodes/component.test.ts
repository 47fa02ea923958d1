import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { serveArguments } from "../../../../components/orchestrator/command";
import type { OrchestratorFacts } from "../../../../components/orchestrator/facts";
import { files } from "../../../../components/orchestrator/manifests";
import { newToken } from "../../../../orchestrator/api/tokens";
import { ROOT } from "../../../cli/support";
import { freePort } from "../../support/ports";
import { waitFor } from "../../support/wait";
import { surrealImpossible, SurrealServerProcess } from "../surreal-server";

const impossible = surrealImpossible();
const { entry, token } = newToken("ann", "operator");
const authorization = `Bearer ${token}`;

/** A pod of the component: its arguments and files, with its folders in one of the test. */
class Pod {
  private child: ChildProcess | undefined;
  private said = "";

  constructor(
    private readonly facts: OrchestratorFacts,
    private readonly folder: string,
    password: string,
  ) {
    for (const name of ["config", "data", "surrealdb"]) mkdirSync(join(folder, name), { recursive: true });
    for (const [name, text] of Object.entries(files(facts))) writeFileSync(join(folder, "config", name), text);
    writeFileSync(join(folder, "surrealdb", "password"), password);
  }

  get url(): string {
    return `http://127.0.0.1:${this.facts.port}`;
  }

  async start(): Promise<void> {
    const args = serveArguments(this.facts).map((one) =>
      one
        .replace("=/etc/noetl-orchestrator/", `=${this.folder}/config/`)
        .replace("=/etc/noetl-surrealdb/", `=${this.folder}/surrealdb/`)
        .replace("=/data/", `=${this.folder}/data/`)
        .replace("$(POD_IP)", "127.0.0.1"),
    );
    const env = { PATH: process.env.PATH, HOME: this.folder };
    const child = spawn(process.execPath, [join(ROOT, "cli", "bin.cjs"), ...args], { cwd: ROOT, env });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (this.said += String(data)));
    await waitFor("the pod", async () => {
      if (child.exitCode !== null) throw new Error(`it ended: ${this.said}`);
      const probed = await fetch(`http://127.0.0.1:${this.facts.statusPort}/health/ready`).catch(() => undefined);
      return probed?.status === 200 || undefined;
    });
  }

  async ask(path: string): Promise<{ status: number; body: unknown }> {
    const response = await fetch(`${this.url}${path}`, { headers: { authorization } });
    return { status: response.status, body: await response.json() };
  }

  async stop(): Promise<unknown> {
    const { child } = this;
    if (child?.exitCode !== null) return undefined;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    return ended;
  }
}

(impossible === undefined ? describe : describe.skip)(
  `two pods of the component${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "noetl-pods-"));
    const pods: Pod[] = [];
    let server: SurrealServerProcess;
    let place: ReturnType<SurrealServerProcess["place"]>;
    beforeAll(async () => {
      server = await SurrealServerProcess.start();
      place = server.place();
    });
    afterAll(async () => {
      for (const pod of pods) await pod.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    async function started(name: string): Promise<Pod> {
      const { url, namespace, database, login } = place;
      const facts: OrchestratorFacts = {
        name: "noetl-orchestrator",
        namespace: { name: "noetl", created: "noetl" },
        image: "registry.example.com/orchestrator:1.0.0",
        port: await freePort(),
        statusPort: await freePort(),
        replicas: 2,
        surrealdb: { url, namespace, database, username: login?.username ?? "" },
        storage: "1Gi",
        storageClass: "standard",
        allowStacks: [],
        concurrency: 1,
        drain: 10,
        tokens: [entry],
        context: "kind-noetl",
        resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
      };
      const pod = new Pod(facts, join(folder, name), login?.password ?? "");
      pods.push(pod);
      await pod.start();
      return pod;
    }

    test("given the password as a file, they share one database, know each other, and both answer", async () => {
      const leader = await started("one");
      const follower = await started("two");

      const nodes = await waitFor("both nodes", async () => {
        const { body } = await leader.ask("/health");
        const { cluster } = (body as { data: { cluster: { leader: string; nodes: { url: string }[] } } }).data;
        return cluster.nodes.length === 2 ? cluster : undefined;
      });
      expect(nodes.leader).toBe(leader.url);
      expect(nodes.nodes.map(({ url }) => url).sort()).toEqual([leader.url, follower.url].sort());
      expect(await follower.ask("/tasks")).toEqual(await leader.ask("/tasks"));
      expect((await follower.ask("/tasks")).status).toBe(200);
      expect(await leader.stop()).toEqual([0, null]);
      await waitFor("the other one", async () => (await follower.ask("/tasks")).status === 200 || undefined);
    });
  },
);
