import { describe, expect, test } from "@jest/globals";
import { accessesOf, accessEvidence, reviewOf } from "../../../operations/rigs/secrets/access";
import { makerEvidence, makersOf } from "../../../operations/rigs/secrets/makers";
import { usersIn } from "../../../operations/rigs/secrets/nats-logins";
import { type Read, readEvidence, readsOf, waitingEvidence } from "../../../operations/rigs/secrets/reads";
import type { Json } from "../../../preview/graph";
import type { JsonObject } from "../../../preview/json";
import { graph, object, workload } from "../../preview/support";

/** A value that must never be told. */
const CANARY = Buffer.from("canary-value").toString("base64");

const secretRef = (name: string, key: string, more: JsonObject = {}): Json => ({
  valueFrom: { secretKeyRef: { name, key, ...more } },
});
const LIVE: JsonObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "app", namespace: "noetl" },
  spec: {
    template: {
      spec: {
        containers: [
          {
            name: "app",
            env: [
              { name: "A", ...(secretRef("one", "k") as JsonObject) },
              { name: "B", ...(secretRef("one", "k") as JsonObject) },
              { name: "C", ...(secretRef("two", "k", { optional: true }) as JsonObject) },
            ],
          },
        ],
        volumes: [{ name: "tls", secret: { secretName: "three" } }],
      },
    },
  },
};

describe("what pods read", () => {
  test("is each key once, with all that read it, and without what they can do without", () => {
    expect(readsOf(LIVE)).toEqual([
      {
        reader: "Deployment noetl/app",
        by: ["container 'app', env A,", "container 'app', env B,"],
        namespace: "noetl",
        secret: "one",
        key: "k",
      },
      { reader: "Deployment noetl/app", by: ["volume 'tls'"], namespace: "noetl", secret: "three" },
    ]);
  });

  const READ: Read = { reader: "Deployment noetl/app", by: ["volume 'tls'"], namespace: "noetl", secret: "one" };
  const KEYED: Read = { ...READ, key: "k" };

  test.each<[string, Read, JsonObject | undefined, string]>([
    ["a key with a value", KEYED, { data: { k: CANARY } }, "there, with a value"],
    ["a whole Secret", READ, { data: { k: CANARY, l: CANARY } }, "there, with values"],
    ["no Secret", KEYED, undefined, "there is no such Secret; read by volume 'tls'"],
    ["no such key", KEYED, { data: { l: CANARY } }, "it has no such key; it has: l; read by volume 'tls'"],
    ["a Secret without any", KEYED, {}, "it has no such key; it has: none; read by volume 'tls'"],
    ["an empty value", KEYED, { data: { k: "" } }, "without a value: k; read by volume 'tls'"],
    ["an empty value among others", READ, { data: { k: CANARY, l: "" } }, "without a value: l; read by volume 'tls'"],
    [
      "a stand-in",
      KEYED,
      { metadata: { annotations: { "noetl.io/placeholder": "true" } }, data: { k: CANARY } },
      "it is a stand-in: its value was never set; read by volume 'tls'",
    ],
  ])("given %s, then it is told, and no value with it", (_, read, secret, seen) => {
    const evidence = readEvidence(read, secret);
    expect(evidence).toMatchObject({ seen, ok: seen === evidence.expected });
    expect(JSON.stringify(evidence)).not.toMatch(/canary|Y2FuYXJ5/);
  });

  test("given a pod that waits for a Secret, then it is told", () => {
    const pod = (reason: string) => ({
      metadata: { name: "app-1" },
      status: { containerStatuses: [{ state: { waiting: { reason } } }] },
    });
    expect(waitingEvidence("Deployment noetl/app", [pod("CreateContainerConfigError")])).toMatchObject({
      seen: "app-1: CreateContainerConfigError",
      ok: false,
    });
    expect(waitingEvidence("Deployment noetl/app", [pod("PodInitializing"), {}])).toMatchObject({ ok: true });
  });
});

describe("what brings values into Secrets", () => {
  const SYNC = { apiVersion: "secret-sync.gke.io/v1", kind: "SecretSync", name: "noetl-secret", namespace: "noetl" };

  test("is found by its kind", () => {
    const made = (apiVersion: string, kind: string, name: string) =>
      object({ apiVersion, kind, metadata: { name, namespace: "noetl" } });
    expect(makersOf(graph(made(SYNC.apiVersion, SYNC.kind, SYNC.name), made("v1", "Secret", "other")))).toEqual([SYNC]);
  });

  test.each<[string, JsonObject | undefined, string, boolean]>([
    ["no object", undefined, "it is not there", false],
    ["no status", {}, "it says nothing of itself", false],
    [
      "a condition that holds",
      { status: { conditions: [{ type: "Ready", status: "True", reason: "SecretSynced" }] } },
      "Ready is True: SecretSynced",
      true,
    ],
    [
      "one that does not",
      {
        status: {
          conditions: [
            { type: "Create", status: "True" },
            { type: "Update", status: "False", reason: "ControllerSPCError", message: "no such entry" },
          ],
        },
      },
      "Update is False: ControllerSPCError: no such entry",
      false,
    ],
    [
      "a certificate that is renewed",
      {
        status: {
          conditions: [
            { type: "Ready", status: "True" },
            { type: "Issuing", status: "False" },
          ],
        },
      },
      "Ready is True",
      true,
    ],
  ])("given %s, then it is told", (_, live, seen, ok) => {
    expect(makerEvidence(SYNC, live)).toEqual({
      what: "SecretSync noetl/noetl-secret",
      expected: "says that its Secret is up to date",
      seen,
      ok,
    });
  });
});

describe("who may read Secrets", () => {
  const role = (rules: Json) =>
    object({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "Role",
      metadata: { name: "reader", namespace: "noetl" },
      rules,
    });
  const binding = object({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "RoleBinding",
    metadata: { name: "reader", namespace: "noetl" },
    roleRef: { kind: "Role", name: "reader" },
    subjects: [{ kind: "ServiceAccount", name: "server" }],
  });
  const server = workload({ name: "server", podSpec: { serviceAccountName: "server" } });
  const gateway = workload({ name: "gateway" });
  const account = { namespace: "noetl", name: "server" };
  const other = {
    account: { namespace: "noetl", name: "default" },
    verb: "get",
    namespace: "noetl",
    secret: "noetl-secret",
    allowed: false,
  };

  test("are those who are granted it, and no others", () => {
    const shown = graph(
      role([
        { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list"] },
        { resources: ["pods"], verbs: ["get"] },
      ]),
      binding,
      server,
      gateway,
    );
    expect(accessesOf(shown)).toEqual([
      { account, verb: "get", namespace: "noetl", allowed: true },
      { account, verb: "list", namespace: "noetl", allowed: true },
      other,
    ]);
  });

  test("given a grant for one Secret, then it is for none of the others", () => {
    const shown = graph(
      role([{ resources: ["secrets"], resourceNames: ["noetl-internal-api-token"], verbs: ["get"] }]),
      binding,
      server,
    );
    expect(accessesOf(shown)).toEqual([
      { account, verb: "get", namespace: "noetl", secret: "noetl-internal-api-token", allowed: true },
      { ...other, account },
    ]);
  });

  test("are asked for as the API server knows them", () => {
    expect(reviewOf(other)).toEqual({
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: "system:serviceaccount:noetl:default",
        groups: ["system:serviceaccounts", "system:serviceaccounts:noetl", "system:authenticated"],
        resourceAttributes: { verb: "get", resource: "secrets", namespace: "noetl", name: "noetl-secret" },
      },
    });
  });

  test.each([
    [false, { allowed: false }, "not allowed", true],
    [
      false,
      { allowed: true, reason: "RBAC: allowed by ClusterRoleBinding x" },
      "allowed (RBAC: allowed by ClusterRoleBinding x)",
      false,
    ],
    [true, { allowed: false }, "not allowed", false],
    [true, { allowed: true }, "allowed", true],
  ])("given that %s is right and the answer %j, then it is told", (allowed, status, seen, ok) => {
    expect(accessEvidence({ ...other, allowed }, { status })).toMatchObject({
      what: "ServiceAccount noetl/default: get Secret noetl-secret of noetl",
      seen,
      ok,
    });
  });
});

describe("users of NATS", () => {
  test("are the variables of their passwords, and what else is there is none", () => {
    const conf =
      'NATS_SYS_PASSWORD: "a"\nNATS_ACME_EU_PASSWORD: "q\\"\\n"\nCLUSTER_PASSWORD: "c"\nCLUSTER_ROUTES: [\n  "nats-route://x"\n]\n';
    expect(usersIn(conf)).toEqual([
      { user: "sys", pass: "a" },
      { user: "acme_eu", pass: 'q"\n' },
    ]);
  });
});
