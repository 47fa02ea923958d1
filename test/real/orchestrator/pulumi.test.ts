import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ensureTool } from "../../../tools/find";
import { findLanguageHost, installLanguageHost } from "../engine/language-host";
import { ROOT } from "../../cli/support";
import { ServiceProcess } from "./process";

/** A program of one component that waits for a file to be there: as long as it is not, the update goes on. */
const PROGRAM = `
const fs = require("node:fs");
const { ComponentResource } = require("@pulumi/pulumi");
new ComponentResource("test:test:Thing", "thing");
const until = __dirname + "/go";
const timer = setInterval(() => fs.existsSync(until) && clearInterval(timer), 100);
exports.password = require("@pulumi/pulumi").secret("canary-4711");
`;

let folder: string;
let service: ServiceProcess;
let start: () => Promise<ServiceProcess>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "noetl-pulumi-"));
  for (const name of ["bin", "home", "state", "project"]) mkdirSync(join(folder, name));
  const [tool, host] = [await ensureTool("pulumi"), findLanguageHost()];
  if (!tool.found || host === undefined) throw new Error("there is no Pulumi CLI, or no language host");
  symlinkSync(tool.path, join(folder, "bin", "pulumi"));
  const project = join(folder, "project");
  writeFileSync(
    join(project, "Pulumi.yaml"),
    "name: small\nmain: index.js\nruntime: { name: nodejs, options: { typescript: false } }\n",
  );
  writeFileSync(join(project, "package.json"), "{}\n");
  writeFileSync(join(project, "index.js"), PROGRAM);
  for (const stack of ["dev", "two", "other"]) writeFileSync(join(project, `Pulumi.${stack}.yaml`), "config: {}\n");
  symlinkSync(join(ROOT, "node_modules"), join(project, "node_modules"));
  installLanguageHost(host, join(folder, "bin"), join(project, "Pulumi.yaml"));
  const env = {
    PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}`,
    HOME: join(folder, "home"),
    PULUMI_BACKEND_URL: `file://${join(folder, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "correct horse",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const args = ["--data-dir", join(folder, "data"), "--project", project, "--engine", "pulumi", "--drain", "0"];
  start = () => ServiceProcess.start(args, env);
  service = await start();
});

afterAll(async () => {
  expect(await service.end("SIGTERM")).toEqual([0, null]);
  rmSync(folder, { recursive: true });
});

test("an update that is cancelled ends, and gives its lock back", async () => {
  const id = await service.submit({ infra: "dev", operation: "update" });
  // It waits in the program, which the engine has started by then.
  await service.logged(id, "test:test:Thing");
  await service.ask("POST", `/tasks/${id}/cancel`, { why: "not today" });
  expect(await service.ended(id)).toMatchObject({ status: "Cancelled", attempts: 1 });
  expect(existsSync(join(folder, "state", ".pulumi", "locks")) ? filesIn("locks") : []).toEqual([]);
});

test("a service that is killed in the middle of an update goes on after its start, and the update is done", async () => {
  const id = await service.submit({ infra: "two", operation: "update" });
  await service.logged(id, "test:test:Thing");
  await service.end("SIGKILL");
  writeFileSync(join(folder, "project", "go"), "");
  service = await start();
  const update = await service.ended(id);
  expect(update).toMatchObject({ status: "Completed", result: { engine: "pulumi", operation: "update" } });
  const drift = await service.submit({ infra: "two", operation: "drift" });
  expect(await service.ended(drift)).toMatchObject({ status: "Completed" });
  const destroy = await service.submit({ infra: "two", operation: "destroy" });
  expect(await service.ended(destroy)).toMatchObject({ status: "Completed" });
  for (const task of [update, await service.ended(drift), await service.ended(destroy)]) {
    expect((await service.log(task.id)) + JSON.stringify(task)).not.toContain("canary");
  }
});

test("a stack that Pulumi does not know is told, and not tried again", async () => {
  const id = await service.submit({ infra: "other", operation: "destroy" });
  expect(await service.ended(id)).toMatchObject({
    status: "Failed",
    attempts: 1,
    error: { code: "stack-missing", permanent: true },
  });
});

/** Files below a folder of the state. */
function filesIn(name: string): string[] {
  const found = readdirSync(join(folder, "state", ".pulumi", name), { recursive: true, withFileTypes: true });
  return found.filter((entry) => entry.isFile()).map((entry) => entry.name);
}
