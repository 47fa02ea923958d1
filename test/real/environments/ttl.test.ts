import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import type { EnvironmentDetails } from "../../../orchestrator/api/environment-view";
import type { LogEntry } from "../../../orchestrator/api/server";
import { Service } from "../../../orchestrator/service";
import { PlayedClock } from "../../orchestrator/queue/played-clock";
import { ROOT } from "../../cli/support";
import { waitFor } from "../support/wait";
import { DockerEngine } from "./engine";
import { IMAGE, makeRedis, missingPrograms } from "./images";
import type { Answered } from "./place";

const MINUTE_MS = 60_000;
/** Of a look for what is to be removed, and a little more. */
const LOOK_MS = 16_000;
const NOTHING = { containers: [], networks: [], volumes: [] };

const missing = missingPrograms();
const engine = missing ?? DockerEngine.start();
const impossible = typeof engine === "string" ? engine : undefined;
if (impossible !== undefined) console.warn(`skipped: life of test environments: ${impossible}`);

(impossible === undefined ? describe : describe.skip)(
  `an environment's time${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    const docker = engine as DockerEngine;
    let folder: string;
    let clock: PlayedClock;
    let service: Service;
    let said: LogEntry[];

    beforeAll(() => makeRedis(docker.docker));

    afterAll(() => docker.stop());

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), "noetl-ttl-"));
      clock = new PlayedClock();
      said = [];
      service = await started();
    });

    afterEach(async () => {
      await service.stop(0);
      rmSync(folder, { recursive: true });
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    async function started(): Promise<Service> {
      return Service.start({
        ...{ port: 0, host: "127.0.0.1", dataDir: folder, project: ROOT, clock },
        environments: { docker: docker.address, offline: true },
        log: (entry) => said.push(entry),
      });
    }

    async function ask(method: string, path: string, body?: object): Promise<Answered<EnvironmentDetails>> {
      const response = await fetch(service.url + path, {
        method,
        ...(body && { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
      });
      return (await response.json()) as Answered<EnvironmentDetails>;
    }

    /** A Redis for half an hour. @returns its id */
    async function made(): Promise<string> {
      const { data, error } = await ask("POST", "/test/environments/create", {
        ...{ config: { type: "single_taskserv", taskserv: "redis" }, images: { redis: IMAGE.redis } },
        ...{ ttl_minutes: 30, auto_start: true, wait: true, wait_seconds: 300 },
      });
      expect(error).toBeNull();
      expect(data).toMatchObject({ status: "Running" });
      expect(Date.parse(data.expires_at) - Date.parse(data.created_at)).toBe(30 * MINUTE_MS);
      return data.id;
    }

    async function gone(id: string): Promise<void> {
      await waitFor("its removal", async () => {
        const { error } = await ask("GET", `/test/environments/${id}`);
        return error?.code === "environment-unknown" ? true : undefined;
      });
      expect(await docker.inventory()).toEqual(NOTHING);
      expect(said).toContainEqual({
        ...{ level: "warn", event: "environment-removed", message: `${id}: its time is over` },
      });
    }

    test("it is there until its time is over, and then everything of it goes", async () => {
      const id = await made();
      await clock.pass(29 * MINUTE_MS);
      expect((await ask("GET", `/test/environments/${id}`)).data).toMatchObject({
        ...{ status: "Running", containers: [{ name: "redis", state: "running" }] },
      });
      await clock.pass(MINUTE_MS + LOOK_MS);
      await gone(id);
    });

    test("an orchestrator that starts anew keeps to it", async () => {
      const id = await made();
      await service.stop(0);
      clock = new PlayedClock();
      clock.jump(29 * MINUTE_MS);
      service = await started();
      expect((await ask("GET", `/test/environments/${id}`)).data).toMatchObject({ status: "Running" });
      await clock.pass(MINUTE_MS + LOOK_MS);
      await gone(id);
    });

    test("one whose time ended while no orchestrator ran goes when the next one starts", async () => {
      const id = await made();
      await service.stop(0);
      clock = new PlayedClock();
      clock.jump(31 * MINUTE_MS);
      service = await started();
      await gone(id);
    });

    test("what is at work on it then is stopped", async () => {
      const id = await made();
      const { data } = await ask("POST", `/test/environments/${id}/run`, { script: "while :; do sleep 1; done" });
      await waitFor("the script", async () =>
        (await ask("GET", `/test/environments/${id}`)).data.status === "Testing" ? true : undefined,
      );
      clock.jump(31 * MINUTE_MS);
      await clock.pass(LOOK_MS);
      await gone(id);
      const { data: task } = (await ask("GET", `/tasks/${data.task_id}`)) as unknown as Answered<{ status: string }>;
      expect(task.status).toBe("Cancelled");
    });
  },
);
