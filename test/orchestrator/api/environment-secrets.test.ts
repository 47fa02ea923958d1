import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { HIDDEN } from "../../../orchestrator/redact";
import { PlayedClock } from "../queue/played-clock";
import { FakeDocker } from "./fake-docker";
import { Served } from "./served";

/** What Docker repeats of everything: of the request, of a taskserv's variables, of a file of them, of a template's. */
const SECRETS = ["canary-request", "canary-taskserv", "canary-file", "canary-template"];
const SAYS = `cannot use ${SECRETS.join(", ")}`;
const TOLD = `cannot use ${SECRETS.map(() => HIDDEN).join(", ")}`;

let docker: FakeDocker;
let folder: string;
let served: Served;
const clock = new PlayedClock();

beforeEach(async () => {
  docker = await FakeDocker.start();
  folder = mkdtempSync(join(tmpdir(), "noetl-catalog-"));
  for (const name of ["taskservs", "templates"]) mkdirSync(join(folder, name));
  writeFileSync(join(folder, "taskservs", "key.txt"), "canary-file\n");
  writeFileSync(
    join(folder, "taskservs", "vault.toml"),
    `description = "Vault"\nimage = "docker.io/library/vault:1"\n[env]\nMODE = "canary-taskserv"\n[env_files]\nKEY = "key.txt"\n`,
  );
  writeFileSync(
    join(folder, "templates", "pair.toml"),
    `description = "Vault"\ncluster_type = "pair"\n[[nodes]]\nname = "a"\ntaskservs = ["vault"]\nenv = { MORE = "canary-template" }\n`,
  );
  served = await Served.start({ clock, environments: { docker: docker.address, folder } });
});

afterEach(async () => {
  await served.stop();
  await docker.stop();
  rmSync(folder, { recursive: true });
});

const create = async () => {
  const config = { type: "single_taskserv", taskserv: "vault", env: { WORD: "canary-request" } };
  return served.ask("POST", "/test/environments/create", { config });
};

test("what a request declares, and what the service's own catalog has, stands in no error of Docker's", async () => {
  const { json } = await create();
  const { id, task_id: task } = json.data as { id: string; task_id: string };
  await served.ask("GET", `/tasks/${task}/logs?follow=true`);
  docker.refuses = true;
  docker.refusal = SAYS;
  for (const path of [`/test/environments/${id}`, `/test/environments/${id}/logs`]) {
    expect((await served.ask("GET", path)).json.error).toMatchObject({
      code: "docker-refused",
      message: `Docker refuses: ${TOLD}`,
    });
  }
  expect((await create()).json.error?.message).toBe(`Docker refuses: ${TOLD}`);
});

test("the reaper's warnings hold nothing of what environments have in secret fields", async () => {
  await create();
  docker.refuses = true;
  docker.refusal = SAYS;
  await clock.pass(15_000);
  const warned = () => served.log.filter(({ message }) => String(message).includes("cannot use"));
  // It asks Docker over a socket, which the clock does not wait for.
  while (warned().length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(warned()).toEqual([{ level: "warn", event: "environments", message: `Docker refuses: ${TOLD}` }]);
});

test("templates of the service's own are listed without what stands in their variables; those that are shipped, with it", async () => {
  const { json, text } = await served.ask("GET", "/test/topologies");
  expect(json.data).toContainEqual(
    expect.objectContaining({
      name: "pair",
      topology: expect.objectContaining({ nodes: [expect.objectContaining({ env: { MORE: HIDDEN } })] }),
    }),
  );
  expect(text).not.toContain("canary");
  expect(text).toContain(`"env":{"K3S_URL":"https://cp-01:6443"}`);
});
