import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { TaskView } from "../../../orchestrator/api/task-view";
import { waitFor } from "../support/wait";
import { DockerEngine } from "./engine";
import { IMAGE, makeRedis, missingPrograms } from "./images";
import { Place } from "./place";
import { finished, missingRegistry, Registry } from "./registry";

const REDIS = { type: "single_taskserv", taskserv: "redis", resources: { memory_mb: 64 } };
const NOTHING = { containers: [], networks: [], volumes: [] };

const missing = missingPrograms() ?? missingRegistry();
const engine = missing ?? DockerEngine.start();
const impossible = typeof engine === "string" ? engine : undefined;
if (impossible !== undefined) console.warn(`skipped: images of test environments: ${impossible}`);

(impossible === undefined ? describe : describe.skip)(
  `images of test environments, from a registry${impossible === undefined ? "" : ` (skipped: ${impossible})`}`,
  () => {
    const docker = engine as DockerEngine;
    let registry: Registry;
    let place: Place;
    let digest: string;

    beforeAll(async () => {
      registry = await Registry.start();
      await makeRedis(docker.docker);
      digest = await registry.take(docker.docker, IMAGE.redis, "redis");
      place = await Place.start(docker, []);
    });

    afterAll(async () => {
      await place.stop();
      await docker.stop();
      await registry.stop();
    });

    afterEach(async () => {
      await place.removeAll();
      await docker.docker.pruneImages({ filters: { dangling: { false: true } } });
      expect(await docker.inventory()).toEqual(NOTHING);
    });

    const byDigest = () => registry.named(`redis@${digest}`);
    const create = (redis: string, more: object = {}) => place.create(REDIS, { images: { redis }, ...more });
    const progressOf = async (task: string | null) =>
      ((await place.service.ask("GET", `/tasks/${task}`)).data as TaskView).progress;

    test("an image is pulled by its digest, and how far it is can be seen", async () => {
      const release = registry.hold();
      const { data } = await create(byDigest(), { wait: false });
      const progress = await waitFor(
        "half of the layer",
        async () => (await progressOf(data.task_id)) ?? undefined,
      ).finally(release);
      expect(progress.message).toBe(`pulling ${byDigest()}`);
      expect(progress.done).toBeGreaterThan(0);
      expect(progress.done).toBeLessThan(progress.total);

      expect(await place.service.ended(data.task_id ?? "")).toMatchObject({ status: "Completed" });
      expect(await place.service.log(data.task_id ?? "")).toContain(`pulling ${byDigest()}`);
      const made = await place.details(data.id);
      expect(made).toMatchObject({ status: "Running", notices: [] });
      expect(made.images).toEqual([{ name: byDigest(), id: expect.stringMatching(/^sha256:/), digest }]);
      expect((await place.run(data.id)).error).toBeNull();
    });

    test("an environment that is deleted in the middle of a pull leaves nothing", async () => {
      const release = registry.hold();
      const { data } = await create(byDigest(), { wait: false });
      await waitFor("half of the layer", async () => (await progressOf(data.task_id)) ?? undefined);
      const removed = await place.remove(data.id).finally(release);
      expect(removed.success).toBe(true);
      expect(await place.service.ended(data.task_id ?? "")).toMatchObject({ status: "Cancelled" });
    });

    test("a digest, a tag and a repository that the registry does not have are told at once", async () => {
      const unknown = [`redis@sha256:${"0".repeat(64)}`, "redis:2", "nobody:1"].map((name) => registry.named(name));
      for (const name of unknown) {
        const { error, data } = await create(name);
        expect(error).toEqual({
          code: "image-unknown",
          message: expect.stringMatching(
            /^there is no image \S+: manifest .* unknown.*; correct its name, tag or digest$/,
          ),
        });
        expect(await place.details(data.id)).toMatchObject({ status: "Failed", containers: [] });
      }
    });

    test("while the registry is down the task is tried again, and ends well once it is back", async () => {
      await registry.shut();
      const { data } = await create(byDigest(), { wait: false });
      const waiting = await waitFor("a failed attempt", async () => {
        const { error } = await place.details(data.id);
        return error ?? undefined;
      });
      expect(waiting).toEqual({
        code: "image-pull-failed",
        message: expect.stringContaining(`image ${byDigest()} cannot be pulled: `),
      });
      await place.service.logged(data.task_id ?? "", `failed: image ${byDigest()} cannot be pulled: `);
      await registry.open();
      expect(await place.service.ended(data.task_id ?? "")).toMatchObject({ status: "Completed" });
      expect(await place.details(data.id)).toMatchObject({ status: "Running", error: null });
    });

    test("--offline: what is there runs while the registry is down, what is not is never asked for", async () => {
      await place.service.end("SIGTERM");
      await place.restarted(["--offline"]);
      expect((await create(byDigest())).error).toEqual({
        code: "image-missing",
        message: `image ${byDigest()} is not on the Docker host, and --offline forbids to pull it: load it there with docker load`,
      });
      await finished(docker.docker, await docker.docker.pull(byDigest()));
      await registry.shut();
      const { data, error } = await create(byDigest());
      await registry.open();
      expect(error).toBeNull();
      expect(data).toMatchObject({ status: "Running", images: [{ name: byDigest(), digest }] });
    });
  },
);
