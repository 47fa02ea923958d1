import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "@jest/globals";
import { secrets } from "../../../operations/rigs/catalog/secrets";
import { type Platform, platformOf } from "../../../operations/rigs/platform";
import { evidenceOf } from "../../../operations/rigs/report";
import type { Manifest } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import { parseStackFile } from "../../../stacks/config/stack-file";
import { ensureTool } from "../../../tools/find";
import { type Cluster, startCluster } from "../cluster/cluster";
import { backingImpossible, startBacking, type Backing } from "../contract/backing";
import { Faults } from "../contract/faults";
import { ContractServer } from "../contract/server";
import { podsImpossible } from "../nats/image";
import type { PodObjects } from "../nats/manifests";
import { NatsPods } from "../nats/pods";
import { objectsOf } from "../stacks/objects";
import { describeUnless } from "../stacks/requirements";
import type { KubeObject } from "../support/objects";
import { refOf } from "../support/objects";
import { verify, wrongIn } from "./verify";
import { Ways } from "./ways";

/*
 * The rig on a stack's own Secrets, roles and workloads on a real API server, with a real nats-server of the stack's
 * nats.conf, a real PostgreSQL, and the contract platform's internal API. Not proved here: port-forwards.
 */

const STACK = `
config:
  noetl:profile: kind
  noetl:cluster: { context: kind-noetl }
  noetl:postgres: { mode: inCluster }
`;
const KINDS = [
  ...["Namespace", "Secret", "ServiceAccount", "Role", "RoleBinding", "Service", "ConfigMap"],
  ...["Deployment", "StatefulSet", "CronJob", "Job"],
];
/** Of the administrator that the tests' PostgreSQL has. */
const ADMIN_PASSWORD = "admin-canary";

type Fault = [what: string, make: () => Promise<void>, mend: () => Promise<void>, told: RegExp[]];

describeUnless(podsImpossible() ?? backingImpossible(), "the rig secrets", () => {
  let cluster: Cluster;
  let backing: Backing;
  let platform: Platform;
  let pods: NatsPods;
  let server: ContractServer;
  let values: readonly string[] = [];
  let mend: () => Promise<void> = () => Promise.resolve();
  const faults = new Faults();
  const ways = new Ways();

  beforeAll(async () => {
    const settings = parseStackFile(STACK, "Pulumi.secrets.yaml");
    platform = platformOf("secrets", settings.config, await renderStack(settings));
    const { objects, secrets: made } = await objectsOf(settings);
    const value = (name: string, key: string): string => made.get(name)?.[key] ?? "";
    const password = value("noetl/noetl-secret", "NOETL_PASSWORD");
    values = [password, value("noetl/noetl-internal-api-token", "token"), ADMIN_PASSWORD];
    const named = (name: string) =>
      objects.find(({ kind, metadata }) => `${kind}/${metadata.name}` === name) as unknown;
    const tool = await ensureTool("nats-server");
    if (!tool.found) throw new Error(`nats-server: ${tool.reason}`);
    const login = { user: "noetl", password };
    [cluster, backing, pods] = await Promise.all([
      startCluster({ contextName: "kind-noetl" }),
      startBacking({ admin: { user: "demo", password: ADMIN_PASSWORD }, postgres: login, nats: login }),
      NatsPods.create(tool.path, {
        statefulSet: named("StatefulSet/nats") as PodObjects["statefulSet"],
        configMap: named("ConfigMap/nats-config") as PodObjects["configMap"],
        secret: named("Secret/nats-auth") as PodObjects["secret"],
      }),
    ]);
    await pods.start();
    const wanted = objects.filter(({ kind }) => KINDS.includes(kind)).map(withAdmin);
    await cluster.kube.applyAll(wanted);
    const { ref } = platform.server;
    for (const object of [named("StatefulSet/nats"), named("StatefulSet/postgres")]) {
      await cluster.kube.untilReady(refOf(object as KubeObject));
    }
    await cluster.kube.untilReady({ ...ref, namespace: "noetl" });
    const nats = { host: pods.all[0]?.ip ?? "", port: 4222 };
    server = await ContractServer.start({
      hostname: "server-0",
      faults,
      env: {
        NOETL_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
        NOETL_INTERNAL_API_TOKEN: value("noetl/noetl-internal-api-token", "token"),
        NOETL_SERVER_MACHINE_ID: "1",
        NOETL_NATS_URL: value("noetl/noetl-nats", "NOETL_NATS_URL"),
        NOETL_PUBLIC_SERVER_URL: "http://noetl-server-rust:8082",
        ...{ POSTGRES_HOST: "postgres", POSTGRES_PASSWORD: password, NOETL_PORT: "8082" },
      },
      file: (path) => {
        throw new Error(`no file ${path}`);
      },
      route: (host) => (host.startsWith("nats") ? nats : backing.postgres),
      log: () => undefined,
      files: new Map(),
    });
    ways.lead("nats", "nats-0", 4222, () => nats);
    ways.lead("postgres", "postgres-0", 5432, () => backing.postgres);
    ways.otherwise((namespace, pod) =>
      namespace === "noetl" && pod.startsWith("noetl-server-rust-") ? server.endpoints.get(8082) : undefined,
    );
  });

  afterEach(async () => {
    faults.only();
    await mend();
    mend = () => Promise.resolve();
  });
  afterAll(async () => {
    await server.stop();
    ways.close();
    await Promise.all([backing.stop(), pods.remove(), cluster.stop()]);
  });

  it("finds every Secret, right and login as it should be, and tells no value", async () => {
    const report = await verify(secrets, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual([]);
    expect(report.changes).toEqual([]);
    const told = evidenceOf(report).map(({ what, seen }) => `${what}: ${seen}`);
    expect(told).toEqual(
      expect.arrayContaining([
        "Secret noetl/noetl-secret, key NOETL_ENCRYPTION_KEY, for Deployment noetl/noetl-server-rust: there, with a value",
        "NATS nats/nats: user sys, as Secret nats/nats-auth has it: logs in",
        "NATS nats/nats: user noetl, as NOETL_NATS_URL of that Secret has it: logs in",
        "postgres: user noetl, as Secret noetl/noetl-secret has it in NOETL_PASSWORD: logs in",
        "postgres: user demo, as Secret postgres/noetl-schema has it in PGPASSWORD: logs in",
        "GET /api/internal/outbox/pending-count with the token of Secret noetl-internal-api-token: HTTP 200",
      ]),
    );
    for (const value of values) expect(JSON.stringify(report)).not.toContain(value);
  });

  const key = async (name: string, key: string, value: string | undefined): Promise<void> => {
    const path = `/data/${key}`;
    const text = Buffer.from(value ?? "").toString("base64");
    await cluster.kube.send(`/api/v1/namespaces/noetl/secrets/${name}`, {
      method: "PATCH",
      contentType: "application/json-patch+json",
      body: [value === undefined ? { op: "remove", path } : { op: "add", path, value: text }],
    });
  };
  const role = {
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "too-much", namespace: "noetl" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "admin" },
    subjects: [{ kind: "ServiceAccount", name: "noetl-worker-system-pool", namespace: "noetl" }],
  };

  it.each<Fault>([
    [
      "a Secret without its key",
      () => key("noetl-secret", "NOETL_ENCRYPTION_KEY", undefined),
      () => key("noetl-secret", "NOETL_ENCRYPTION_KEY", "k"),
      [
        /^Secret noetl\/noetl-secret, key NOETL_ENCRYPTION_KEY, for .*: there, with a value, not it has no such key; it has: NOETL_PASSWORD/,
      ],
    ],
    [
      "a password that NATS does not know",
      () => key("noetl-nats", "NATS_PASSWORD", "another"),
      () => key("noetl-nats", "NATS_PASSWORD", values[0]),
      [/^NATS nats\/nats: user noetl, as Secret noetl\/noetl-nats has it: logs in, not is refused: /],
    ],
    [
      "a password that PostgreSQL does not know",
      async () => {
        await backing.query("ALTER ROLE noetl PASSWORD 'another'");
      },
      async () => {
        await backing.query(`ALTER ROLE noetl PASSWORD '${values[0] ?? ""}'`);
      },
      [
        /^postgres: user noetl, as Secret noetl\/noetl-secret has it in NOETL_PASSWORD: logs in, not is refused: /,
        /^postgres: user noetl, as Secret postgres\/noetl-schema has it in NOETL_PASSWORD: logs in, not is refused: /,
      ],
    ],
    [
      "an account that may read too much",
      async () => {
        await cluster.kube.apply(role);
      },
      () => cluster.kube.remove(refOf(role)),
      [
        /^ServiceAccount noetl\/noetl-worker-system-pool: get Secret noetl-secret of noetl: not allowed, not allowed \(RBAC/,
      ],
    ],
    [
      "an API that takes every token",
      () => {
        faults.only("token check accepts everything");
        return Promise.resolve();
      },
      () => Promise.resolve(),
      [/^GET \/api\/internal\/outbox\/pending-count with another token: HTTP 401 or 403, not HTTP 200$/],
    ],
  ])("given %s, catches it", async (_, make, undo, told) => {
    await make();
    mend = undo;
    const report = await verify(secrets, platform, { cluster, ways });

    expect(wrongIn(report)).toEqual(told.map((text) => expect.stringMatching(text)));
  });
});

/** The Secret of the schema's Job, with the password that the tests' PostgreSQL has. */
function withAdmin(object: Manifest): Manifest {
  if (object.kind !== "Secret" || object.metadata.name !== "noetl-schema") return object;
  const { stringData } = object as unknown as { stringData: Record<string, string> };
  return { ...object, stringData: { ...stringData, PGPASSWORD: ADMIN_PASSWORD } };
}
