import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { newToken } from "../../../orchestrator/api/tokens";
import { Served } from "./served";

let served: Served | undefined;

afterEach(() => served?.stop());

/** A service that wants tokens, with a port that does not. */
async function start(): Promise<{ get: (path: string) => Promise<Response>; token: string; served: Served }> {
  const one = await Served.start();
  await one.service.stop(0);
  const { entry, token } = newToken("ann", "admin");
  const tokens = join(one.folder, "tokens.yaml");
  writeFileSync(tokens, JSON.stringify({ tokens: [entry] }));
  await one.restart({ tokens, statusPort: 0 });
  served = one;
  return { get: (path) => fetch(`http://127.0.0.1:${one.service.statusPort ?? 0}${path}`), token, served: one };
}

describe("the port of probes and metrics", () => {
  test("given tokens, when asked without one, then it tells of health and metrics, and of nothing else", async () => {
    const { get, served: one } = await start();
    expect((await one.ask("GET", "/health")).status).toBe(401);
    for (const path of ["/health/live", "/health/ready", "/health", "/metrics"]) {
      expect([path, (await get(path)).status]).toEqual([path, 200]);
    }
    expect(await (await get("/metrics")).text()).toContain("noetl_orchestrator_storage_ok 1\n");
    for (const path of ["/tasks", "/", "/audit", "/health/other"]) {
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    }
  });

  test("given a drained service, when probed, then it takes no task, and stays where it can be resumed", async () => {
    const { get, token, served: one } = await start();
    const headers = { authorization: `Bearer ${token}` };
    expect((await one.ask("POST", "/queue/drain", { why: "moving" }, headers)).status).toBe(202);
    const statuses = await Promise.all(["/health", "/health/ready", "/health/live"].map(get));
    expect(statuses.map(({ status }) => status)).toEqual([503, 200, 200]);
  });

  test("given a port that is taken, when started, then it says which", async () => {
    const { served: one } = await start();
    const { statusPort } = one.service;
    await expect(one.restart({ statusPort, dataDir: join(one.folder, "other") })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${statusPort ?? 0}, the --status-port`,
    );
  });
});
