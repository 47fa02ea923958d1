import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { LABELS } from "../../../orchestrator/environments/docker/labels";
import { ensureTool } from "../../../tools/find";
import { ServiceProcess } from "../orchestrator/process";
import { processesWith } from "../support/processes";
import { waitFor } from "../support/wait";
import { DockerEngine } from "./engine";
import { IMAGE, makeImages, missingPrograms } from "./images";
import { machines, Place, type Answered } from "./place";

/** Docker may name a gateway, which nobody is. */
const UNREACHABLE = /No route to host|Network is unreachable/;
const NOTHING = { containers: [], networks: [], volumes: [] };

const missing = missingPrograms();
const engine = missing ?? DockerEngine.start();
const impossible = typeof engine === "string" ? engine : undefined;
if (impossible !== undefined) console.warn(`skipped: test environments: ${impossible}`);

(impossible === undefined ? describe : describe.skip)(
  `test environments${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    const docker = engine as DockerEngine;
    let place: Place;

    beforeAll(async () => {
      const [etcd, nats] = await Promise.all([ensureTool("etcd"), ensureTool("nats-server")]);
      if (!etcd.found || !nats.found) throw new Error("etcd and nats-server are needed");
      await makeImages(docker.docker, { etcd: etcd.path, nats: nats.path });
      place = await Place.start(docker);
    });

    afterAll(async () => {
      await place.stop();
      const { folder } = docker;
      await docker.stop();
      expect(processesWith(folder)).toEqual([]);
      expect(docker.mounts()).toEqual([]);
    });

    // Whatever a test that failed has left must not fail the next one.
    afterEach(async () => {
      await place.removeAll();
    });

    async function passes(config: object): Promise<string[]> {
      const { data, error } = await place.create(config);
      expect(error).toBeNull();
      expect(data.status).toBe("Running");
      const run = await place.run(data.id);
      expect(run.error).toBeNull();
      const { containers } = await place.details(data.id);
      expect(containers?.map(({ state }) => state)).toEqual(containers?.map(() => "running"));
      expect((await place.remove(data.id)).success).toBe(true);
      expect(await docker.inventory()).toEqual(NOTHING);
      return run.data.tests?.map(({ container, name }) => `${container}: ${name}`) ?? [];
    }

    test("single_taskserv: a PostgreSQL that answers queries", async () => {
      expect(await passes({ type: "single_taskserv", taskserv: "postgres" })).toEqual([
        "postgres: postgres answers a query",
      ]);
    });

    test("server_simulation: two taskservs on one machine, which share its network", async () => {
      const config = { type: "server_simulation", server_name: "web-01", taskservs: ["redis", "postgres"] };
      const { data } = await place.create(config);
      expect((await place.run(data.id)).data.tests?.map(({ container, passed }) => [container, passed])).toEqual([
        ["web-01", true],
        ["web-01-postgres", true],
      ]);
      const shared = await place.script(data.id, "nc -w 5 127.0.0.1 5432 </dev/null && echo reached");
      expect(shared).toEqual({ code: 0, output: "reached\n" });
      await place.remove(data.id);
    });

    test("cluster_topology: etcd of three, databases, a NATS supercluster of six", async () => {
      expect(await passes({ type: "cluster_topology", template: "etcd_cluster" })).toHaveLength(9);
      expect(await passes({ type: "cluster_topology", template: "postgres_redis" })).toHaveLength(2);
      expect(await passes({ type: "cluster_topology", template: "nats_supercluster" })).toHaveLength(9);
    });

    test("a NATS that is alone has JetStream, too", async () => {
      expect(await passes({ type: "single_taskserv", taskserv: "nats" })).toEqual(["nats: nats is healthy"]);
    });

    test("noetl_platform: what stands for server and worker logs in at PostgreSQL and NATS with what they are given", async () => {
      expect(await passes({ type: "cluster_topology", template: "noetl_platform" })).toEqual([
        "postgres-01: postgres answers a query",
        "postgres-01-noetl-schema: the schema is there",
        "nats-01: nats is healthy",
        "server-01: the server has its database",
        "server-01: the server has its NATS",
        "worker-01: the worker answers",
        "nats-01: commands have their stream",
        "worker-01: the worker reaches the server",
      ]);
    });

    test("limits: memory, processes, disk, processor, root", async () => {
      const resources = { memory_mb: 32, pids: 20, disk_mb: 8, cpu_millicores: 100 };
      const { data } = await place.create(machines({ a: { resources } }));
      const hog = await place.script(data.id, "dd if=/dev/zero of=/dev/null bs=64M count=1");
      expect(hog).toEqual({
        code: 137,
        output: expect.stringMatching(/it was killed: the container needed more than its memory_mb$/),
      });
      const bomb = await place.script(data.id, "b() { b | b & }; b; sleep 2; ls /proc | grep -c '^[0-9]'");
      expect(bomb.output).toMatch(/can't fork/);
      const disk = await place.script(data.id, "dd if=/dev/zero of=/tmp/x bs=1M count=20");
      expect(disk.output).toContain("No space left on device");
      expect((await place.script(data.id, "rm /tmp/x; touch /x")).output).toContain("Read-only file system");
      const spun = await place.script(
        data.id,
        "timeout 3 sh -c 'while :; do :; done'; cat /sys/fs/cgroup/cpu.stat /sys/fs/cgroup/cpu/cpu.stat 2>/dev/null",
      );
      expect(spun.output).toMatch(/nr_throttled [1-9]/);
      await place.remove(data.id);
      const killed = await place.create({
        ...{ type: "single_taskserv", taskserv: "hog" },
        resources: { memory_mb: 32 },
      });
      expect(killed.error).toEqual({
        code: "out-of-memory",
        message: "hog: killed, it needed more than its 32 MiB; raise memory_mb",
      });
      expect(await place.details(killed.data.id)).toMatchObject({ status: "Failed", containers: [] });
      await place.remove(killed.data.id);
    });

    test("a root that is written to is limited, or a notice says that it cannot be", async () => {
      const { data } = await place.create(machines({ a: { read_only: false, resources: { disk_mb: 16 } } }));
      const { output } = await place.script(data.id, "dd if=/dev/zero of=/x bs=1M count=32; rm /x");
      const isLimited = output.includes("No space left on device");
      expect(data.notices.some((notice) => notice.startsWith("a: disk_mb does not limit its root"))).toBe(!isLimited);
      await place.remove(data.id);
    });

    test("nothing leads from one environment into another, to the host, or out", async () => {
      const [a, b] = await Promise.all([
        place.create(machines({ one: {} })),
        place.create(machines({ one: {}, two: {} })),
      ]);
      const { containers, subnet } = await place.details(b.data.id);
      const address = containers?.[0]?.address ?? "";
      const inside = await place.script(b.data.id, `ping -c 1 -W 5 one && ping -c 1 -W 5 ${address}`, "two");
      // Without the right to send raw packets even ping is refused; a closed port answers.
      expect(inside.output).toMatch(/permission denied|1 packets received/);
      const closed = await place.script(b.data.id, `nc -w 5 ${address} 9 2>&1`, "two");
      expect(closed.output).toContain("refused");
      const across = await place.script(a.data.id, `nc -w 5 ${address} 9 2>&1`);
      expect(across.output).toMatch(UNREACHABLE);
      const out = await place.script(a.data.id, "ip route replace default dev eth0; nc -w 5 192.0.2.1 80 2>&1");
      expect(out.output).toContain("Operation not permitted");
      expect(out.output).toMatch(UNREACHABLE);
      const hostRoutes = readFileSync("/proc/net/route", "latin1");
      const [x = "0", y = "0", z = "0"] = (subnet ?? "").split(".");
      const little = [0, Number(z), Number(y), Number(x)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      expect(hostRoutes).not.toContain(little.toUpperCase());
      await Promise.all([a, b].map(({ data }) => place.remove(data.id)));
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    test("auto_start, auto_cleanup, and logs", async () => {
      const config = { type: "single_taskserv", taskserv: "redis" };
      const { data } = await place.create(config, { auto_start: false, auto_cleanup: true });
      expect(await place.details(data.id)).toMatchObject({ status: "Created", containers: [{ state: "created" }] });
      const run = await place.run(data.id);
      expect(run.data).toMatchObject({ status: "Cleaned", tests: [{ passed: true }] });
      expect(await docker.inventory()).toEqual(NOTHING);
      await place.remove(data.id);
      const kept = await place.create(config);
      const url = `${place.service.url}/test/environments/${kept.data.id}/logs`;
      expect(await (await fetch(`${url}?node=redis`)).text()).toContain("Ready to accept connections");
      // Followed, it goes on until the container has ended.
      const followed = fetch(`${url}?follow=true&tail=1`).then((response) => response.text());
      await place.remove(kept.data.id);
      expect((await followed).trim().split("\n").length).toBeGreaterThan(0);
    });

    test("killed in the middle of making one: what was left is reaped, and it is made anew", async () => {
      const { data } = await place.create({ type: "cluster_topology", template: "etcd_cluster" }, { wait: false });
      await place.service.logged(data.task_id ?? "", "etcd-02: noetl.test");
      await place.killed();
      const container = await waitFor("a container that is left", async () => {
        const [one] = await docker.docker.listContainers({ all: true });
        return one;
      });
      const own = { ...container.Labels, [LABELS.environment]: "env-forgotten" };
      const foreign = { [LABELS.environment]: "env-foreign", [LABELS.owner]: "another", [LABELS.expires]: "0" };
      const alive = { ...foreign, [LABELS.environment]: "env-alive", [LABELS.expires]: String(Date.now() + 1e9) };
      for (const Labels of [own, foreign, alive]) {
        const name = Labels[LABELS.environment];
        await docker.docker.createNetwork({ Name: name, Internal: true, Labels });
        await docker.docker.createContainer({ name, Image: IMAGE.busybox, Labels, HostConfig: { NetworkMode: name } });
        await docker.docker.createVolume({ Name: name, Labels });
      }
      await place.restarted();
      expect(await place.service.ended(data.task_id ?? "")).toMatchObject({ status: "Completed" });
      expect(await place.details(data.id)).toMatchObject({ status: "Running", containers: [{}, {}, {}] });
      expect((await place.run(data.id)).error).toBeNull();
      await place.remove(data.id);
      const left = await waitFor("what nobody has to be gone", async () => {
        const there = await docker.inventory();
        return /env-(forgotten|foreign)/.test(JSON.stringify(there)) ? undefined : there;
      });
      expect(left).toEqual({ containers: ["/env-alive"], networks: ["env-alive"], volumes: ["env-alive"] });
      await docker.docker.getContainer("env-alive").remove();
      await docker.docker.getNetwork("env-alive").remove();
      await docker.docker.getVolume("env-alive").remove();
    });

    test("twenty at once, each with a subnet of its own", async () => {
      const config = { type: "single_taskserv", taskserv: "redis", resources: { memory_mb: 64 } };
      const made = await Promise.all(Array.from({ length: 20 }, () => place.create(config)));
      expect(made.map(({ data }) => data.status)).toEqual(Array(20).fill("Running"));
      expect(new Set(made.map(({ data }) => data.subnet)).size).toBe(20);
      const gone = await Promise.all(made.map(({ data }) => place.remove(data.id)));
      expect(gone.every(({ success }) => success)).toBe(true);
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    test("what is refused says why", async () => {
      const one = { type: "single_taskserv", taskserv: "redis" };
      const refused = async (config: object, more: object = {}) => (await place.create(config, more)).error;
      expect(await refused(one, { images: { redis: "noetl.test/none:1" } })).toEqual({
        code: "image-missing",
        message:
          "image noetl.test/none:1 is not on the Docker host, and --offline forbids to pull it: load it there with docker load",
      });
      const { data } = await place.create(machines({ a: {} }, { subnet: "172.30.0.0/24" }), { name: "mine" });
      expect(data.subnet).toBe("172.30.0.0/24");
      expect(await refused(one, { name: "mine" })).toMatchObject({
        code: "name-taken",
        message: `name: environment ${data.id} is called mine; take another name, or delete that one`,
      });
      expect(await refused(machines({ a: {} }, { subnet: "172.30.0.0/16" }))).toMatchObject({
        code: "subnet-taken",
        message: `config.topology.network.subnet: 172.30.0.0/16 overlaps with environment ${data.id}; name another, or leave it out for one that is free`,
      });
      await place.remove(data.id);
      const { NCPU: cpus } = (await docker.docker.info()) as { NCPU: number };
      expect(await refused({ ...one, resources: { cpu_millicores: 1_000_000 } })).toMatchObject({
        code: "limit-above-host",
        message: `redis: cpu_millicores 1000000 is more than the Docker host has (${cpus * 1000}); ask for less`,
      });
      expect(await refused({ type: "cluster_topology", template: "kubernetes_single" })).toMatchObject({
        code: "privileged-refused",
      });
      const broken = await refused({ ...one, base_image: IMAGE.busybox }, { name: "Not a label" });
      expect(broken).toMatchObject({
        code: "invalid",
        message: "body.name: must be 1 to 63 small letters, digits and -, as cp-01",
      });
    });

    test("no Docker", async () => {
      const service = await ServiceProcess.start([
        "--data-dir",
        `${docker.folder}/none`,
        "--docker",
        "unix:///no/docker",
      ]);
      const body = { config: { type: "single_taskserv", taskserv: "redis" } };
      const answer = (await service.ask("POST", "/test/environments/create", body)) as Answered;
      expect(answer.error).toMatchObject({
        code: "docker-down",
        message: "no Docker answers at unix:///no/docker: ENOENT; start it, or name another with --docker",
      });
      await service.end("SIGTERM");
    });
  },
);
