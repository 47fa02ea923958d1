import { describe, expect, test } from "@jest/globals";
import { sharedMemory } from "../../../preview/checks/shared-memory";
import type { Json } from "../../../preview/graph";
import { amounts, env, findingsOf, graph, workload, type Node } from "../support";

const URN = "urn:pulumi:kind::noetl::kubernetes:apps/v1:Deployment::worker";
const MEBIBYTE = 2 ** 20;

function worker(budget: number, volume: Json | undefined, limits = "500m 768Mi"): Node {
  return workload({
    name: "worker",
    podSpec: { volumes: volume === undefined ? [] : [{ name: "dshm", emptyDir: volume }] },
    container: {
      env: env({ NOETL_IPC_CACHE_BUDGET_BYTES: String(budget * MEBIBYTE) }),
      resources: amounts("100m 128Mi", limits),
      volumeMounts: volume === undefined ? [] : [{ name: "dshm", mountPath: "/dev/shm" }],
    },
  });
}

const memory = (sizeLimit: string): Json => ({ medium: "Memory", sizeLimit });

describe("shared memory", () => {
  test.each([
    ["a file system larger than the budget", worker(256, memory("320Mi"))],
    ["a budget within the runtime's 64Mi", worker(63, undefined)],
    ["a file system without limit, and a limit above the budget", worker(256, { medium: "Memory" })],
    ["no budget", workload({ name: "worker" })],
  ])("given %s, when checked, then nothing is found", (_, node) => {
    expect(findingsOf(sharedMemory, graph(node))).toEqual([]);
  });

  test("given a file system as small as the budget, when checked, then the pool's key is named", () => {
    const pool = { name: "worker", poolName: "p", consumer: "c", filterSubject: "noetl.>" };
    const other = { ...pool, name: "other" };
    expect(findingsOf(sharedMemory, graph(worker(256, memory("256Mi"))), { workerPools: [other, pool] })).toEqual([
      {
        severity: "error",
        rule: "shared-memory",
        resource: URN,
        message:
          "/dev/shm holds 256Mi, but the IPC cache may grow to 256Mi (NOETL_IPC_CACHE_BUDGET_BYTES): workers would die with SIGBUS",
        fix: "raise noetl:workerPools[1].sharedMemory above 256Mi, or lower noetl:workerPools[1].ipcCacheBudget",
      },
    ]);
  });

  test("given no volume at /dev/shm, when checked, then the runtime's 64Mi count", () => {
    expect(findingsOf(sharedMemory, graph(worker(64, undefined)))).toMatchObject([
      {
        severity: "error",
        message: expect.stringMatching(/^\/dev\/shm holds 64Mi, but the IPC cache may grow to 64Mi/),
      },
    ]);
  });

  test.each([
    ["448Mi", "warning", "leaves 128Mi, no more than the 128Mi the container requests for itself"],
    ["320Mi", "error", "leaves 0, no more than the 128Mi the container requests for itself"],
  ])("given a memory limit of %s, when /dev/shm fills, then what is left decides (%s)", (limit, severity, message) => {
    expect(findingsOf(sharedMemory, graph(worker(256, memory("320Mi"), `1 ${limit}`)))).toMatchObject([
      { severity, message: `memory limit ${limit} less 320Mi in /dev/shm ${message}` },
    ]);
  });
});
