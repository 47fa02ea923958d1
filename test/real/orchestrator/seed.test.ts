import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { TaskView } from "../../../orchestrator/api/task-view";
import { ROOT } from "../../cli/support";
import { ServiceProcess } from "./process";

/** An orchestrator as its users start it, over a folder with an infrastructure stack that has two node pools. */
let folder: string;
let service: ServiceProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "noetl-seed-"));
  const pools = ["web-01", "web-02"].map((name) => `{ name: ${name}, machineType: e2-standard-4 }`);
  const text = readFileSync(join(ROOT, "Pulumi.gke-base.yaml"), "utf8").replace(
    "mode: autopilot",
    `mode: standard\n      nodePools: [${pools.join(", ")}]`,
  );
  writeFileSync(join(folder, "settings.yaml"), text);
  service = await ServiceProcess.start(["--data-dir", join(folder, "data"), "--project", folder]);
});

afterAll(async () => {
  expect(await service.end("SIGTERM")).toEqual([0, null]);
  rmSync(folder, { recursive: true });
});

/** Runs a shell command of the seed; only the port is another one. */
async function shell(command: string): Promise<{ success: boolean; data: unknown; error: unknown }> {
  const child = spawn("bash", ["-c", command.replaceAll("http://localhost:8080", service.url)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let out = "";
  child.stdout.on("data", (data: Buffer) => (out += data.toString()));
  await once(child, "close");
  return JSON.parse(out) as { success: boolean; data: unknown; error: unknown };
}

function submit(checkMode: boolean): string {
  return `curl -X POST http://localhost:8080/workflows/servers/create \\
  -H "Content-Type: application/json" \\
  -d '{
    "infra": "production",
    "settings": "./settings.yaml",
    "servers": ["web-01", "web-02"],
    "check_mode": ${checkMode},
    "wait": true
  }'`;
}

test("the seed's calls, in check mode: the two node pools and what they need", async () => {
  const submitted = await shell(submit(true));
  expect(submitted).toEqual({ success: true, data: submitted.data, error: null });
  const { data } = await shell(`curl http://localhost:8080/tasks/${submitted.data as string}`);
  const task = data as TaskView & { result: { resources: { kind: string; name: string; impact: string }[] } };
  expect(task).toMatchObject({ status: "Completed", kind: "servers", operation: "preview", stack: "production" });
  expect(task.result).toMatchObject({ engine: "offline", compared_with: "nothing", unchanged: 0 });
  const compute = task.result.resources.filter(({ kind }) => kind === "NodePool" || kind === "Cluster");
  expect(compute.map(({ kind, impact }) => [kind, impact])).toEqual([
    ["Cluster", "create"],
    ["NodePool", "create"],
    ["NodePool", "create"],
  ]);
  // The database of the same stack is not what was asked for.
  expect(task.result.resources.some(({ kind }) => kind === "DatabaseInstance")).toBe(false);
  expect(await shell("curl http://localhost:8080/tasks")).toMatchObject({ success: true, data: [{ id: task.id }] });
  expect(await shell("curl http://localhost:8080/health")).toMatchObject({ success: true });
});

test("the seed's call as it is: the offline engine changes nothing, and says so", async () => {
  const submitted = await shell(submit(false));
  expect(submitted).toMatchObject({ success: false, error: { code: "engine-offline" } });
  const { data } = await shell(`curl http://localhost:8080/tasks/${submitted.data as string}`);
  expect(data).toMatchObject({ status: "Failed", operation: "create", attempts: 1, error: { permanent: true } });
});
