import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "@jest/globals";
import { backingImpossible } from "../contract/backing";
import type { Fault } from "../contract/faults";
import { ContractPlatform } from "../contract/platform";
import { clusterImpossible, describeUnless } from "../stacks/requirements";
import type { KubeObject } from "../support/objects";
import { waitFor } from "../support/wait";
import { Rigs, wrongIn } from "./runs";

/** A load that even a busy machine takes. */
const LOAD = ["--set", "rate=100", "seconds=30", "total=150"];

const RIGS = [
  ["rust-worker-r2"],
  ["result-fetch"],
  ["flight-tls"],
  ["system-pool-routing"],
  ["internal-api"],
  ["server-parity"],
  ["load-smoke", ...LOAD],
];

/** What each rig says when a part of the platform is wrong. Faults that do not hide each other are looked for at once. */
const FAULTS: readonly (readonly [rig: string, faults: readonly Fault[], found: readonly string[]])[] = [
  [
    "rust-worker-r2",
    ["no credential scrub", "wrong row count", "rows lost in the result store"],
    [
      "small_select: rows with a credential that is not [REDACTED]: 5",
      "events of the execution: credentials in clear: 10",
      "big_select: rows in shared memory: 5999",
      "big_select: rows in the result store: 5999",
    ],
  ],
  ["rust-worker-r2", ["over-budget result kept inline"], ["big_select: rows that stand in the event: 6000"]],
  ["result-fetch", ["fetch fails"], ["fetch_via_flight: status: FAILED: result_fetch failed"]],
  [
    "flight-tls",
    ["TLS asks for no client certificate", "Flight takes any token"],
    [
      "Flight called without a certificate: an answer (gRPC status 5)",
      "Flight called with another authority's certificate: an answer (gRPC status 5)",
      "Flight called with its certificate and no token: an answer (gRPC status 5)",
      "Flight called with its certificate and another token: an answer (gRPC status 5)",
    ],
  ],
  ["flight-tls", ["Flight without TLS"], ["Flight called in plain text: an answer (gRPC status 5)"]],
  [
    "system-pool-routing",
    ["system path on the shared consumer"],
    [
      "system/routing_test: deliveries to the system consumer: 0",
      "system/routing_test: deliveries to the shared consumer: 1",
    ],
  ],
  [
    "internal-api",
    ["token check accepts everything", "projection not idempotent", "published outbox rows come back"],
    [
      "GET /api/internal/outbox/pending-count with another token: 200",
      "pending-count then: 3",
      "the same again: projected: 2",
    ],
  ],
  [
    "server-parity",
    ["parity difference"],
    ["GET /api/pool/status: .slots_available: only in Python; .slots_free: only in Rust"],
  ],
  ["load-smoke", ["events lost under load"], ["rows of the event log, of those accepted: 147"]],
  ["load-smoke", ["metrics missing"], ["send up to 150 events, 100 a second, for 30 s: /metrics: HTTP 404"]],
];

describeUnless(clusterImpossible() ?? backingImpossible(), "rigs on a contract platform", () => {
  let platform: ContractPlatform;
  let rigs: Rigs;

  beforeAll(async () => {
    platform = await ContractPlatform.start();
    rigs = new Rigs(platform);
  });
  afterAll(async () => {
    rigs.stop();
    await platform.stop();
  });

  it.each(RIGS)("%s finds nothing where all is well, and puts everything back", async (...args) => {
    const { code, report } = await rigs.run(...args);
    expect(wrongIn(report)).toStrictEqual([]);
    expect([code, report.result]).toStrictEqual([0, "passed"]);
    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
  });

  it.each(FAULTS)("%s finds: %j", async (name, faults, expected) => {
    platform.faults.only(...faults);
    const { code, report } = await rigs.run(name, ...(name === "load-smoke" ? LOAD : []));
    platform.faults.only();
    expect(code).toBe(3);
    expect(wrongIn(report)).toStrictEqual(expect.arrayContaining([...expected]));
    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
  });

  it("puts the Python workers back after a kill in the middle of result-fetch", async () => {
    const before = await pool();
    const { child } = rigs.start("result-fetch");
    const gone = once(child, "close");
    await waitFor("the pool to be at 0", async () => ((await pool()).spec.replicas === 0 ? true : undefined));
    child.kill("SIGKILL");
    await gone;
    expect(rigs.journals()).toContain("Deployment noetl/noetl-worker: 0 pods");
    expect((await pool()).spec.replicas).toBe(0);

    const { code, report } = await rigs.run("--revert");
    expect([code, report.mode, wrongIn(report)]).toStrictEqual([0, "revert", []]);
    expect((await pool()).spec).toStrictEqual(before.spec);
    expect(rigs.journals()).toBe("");
  });

  it("says when a playbook is rejected, and why", async () => {
    platform.faults.only("playbooks rejected");
    const { code, report } = await rigs.run("system-pool-routing");
    platform.faults.only();
    expect(code).toBe(3);
    expect(wrongIn(report).join("\n")).toContain("is rejected: HTTP 422: the step 'start' is not known");
  });

  it("says what was waited for in vain, and puts everything back all the same", async () => {
    const before = await pool();
    platform.faults.only("commands left lying");
    const { code, report } = await rigs.run("rust-worker-r2", "--patience", "0.2");
    platform.faults.only();
    expect(code).toBe(3);
    expect(wrongIn(report)[0]).toMatch(/: waited 36 s for execution \d+ to end, in vain; last seen: running/);
    expect(report.changes).toContainEqual({ title: "Deployment noetl/noetl-worker: 0 pods", putBack: true });
    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
    expect((await pool()).spec).toStrictEqual(before.spec);
  });

  it("says which database refuses whom, and no password", async () => {
    const named = { apiVersion: "v1", kind: "Secret" };
    const metadata = { name: "postgres-secret", namespace: "postgres" };
    const secret = await platform.cluster.kube.until<KubeObject & { data: object }>(
      { ...named, ...metadata },
      () => true,
    );
    const data: Record<string, string> = {};
    for (const key of Object.keys(secret.data)) data[key] = Buffer.from("canary").toString("base64");
    const wrong = { ...named, metadata, data };
    await platform.cluster.kube.apply(wrong, { force: true });
    const { code, report } = await rigs.run("shard-routing-n2");
    expect(code).toBe(3);
    expect(wrongIn(report).join("\n")).toMatch(
      /database \w+ \(Service postgres\/postgres, user \w+\): password authentication failed/,
    );
    expect(JSON.stringify(report)).not.toContain("canary");
    expect(report.changes.filter(({ putBack }) => !putBack)).toStrictEqual([]);
  });

  /** The pool of the Python workers, as it is. */
  function pool() {
    const ref = { apiVersion: "apps/v1", kind: "Deployment", name: "noetl-worker", namespace: "noetl" };
    return platform.cluster.kube.until<KubeObject & { spec: { replicas: number } }>(ref, () => true);
  }
});
