import { describe, expect, test } from "@jest/globals";
import type { Component } from "../../../operations/images/components";
import { nodeFacts, unfitNodes } from "../../../operations/images/nodes";
import { assign, changeOf, type Found } from "../../../operations/images/plan";
import { podState } from "../../../operations/images/pods";
import { progressOf } from "../../../operations/images/rollout";
import { parseTarget } from "../../../operations/images/target";
import type { VerifiedImage } from "../../../operations/images/verify";
import type { JsonObject } from "../../../preview/json";

const [DIGEST = "", PLATFORM_DIGEST = "", OLD_DIGEST = ""] = ["1", "2", "3"].map(
  (digit) => `sha256:${digit.repeat(64)}`,
);

describe("how far a rollout is", () => {
  const done = {
    kind: "Deployment",
    metadata: { generation: 2 },
    spec: { replicas: 3 },
    status: { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 },
  };
  const like = (status: JsonObject, more: JsonObject = {}): JsonObject => ({
    ...done,
    ...more,
    status: { ...done.status, ...status },
  });

  test("all pods are new and ready", () => {
    expect(progressOf(done)).toEqual({ wanted: 3, updated: 3, old: 0, ready: 3, done: true });
  });

  test.each<[string, JsonObject]>([
    ["the newest template has not been looked at", like({ observedGeneration: 1 })],
    ["an old pod is left", like({ replicas: 4 })],
    ["a new pod is not there", like({ updatedReplicas: 2 })],
    ["a pod is not ready", like({ readyReplicas: 2 })],
    ["a pod is not ready for long enough", like({ availableReplicas: 2 })],
    ["a StatefulSet has two revisions", like({ currentRevision: "a", updateRevision: "b" }, { kind: "StatefulSet" })],
  ])("%s: it goes on", (_, workload) => {
    expect(progressOf(workload).done).toBe(false);
  });

  test("no pods are wanted: it is done", () => {
    const status = { observedGeneration: 1 };
    expect(progressOf({ metadata: { generation: 1 }, spec: { replicas: 0 }, status }).done).toBe(true);
  });

  test.each<[string, JsonObject, string | undefined]>([
    [
      "it has taken too long",
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "timed out" },
      "timed out",
    ],
    ["no pod can be made", { type: "ReplicaFailure", status: "True", message: "exceeded quota" }, "exceeded quota"],
    ["it goes on", { type: "Progressing", status: "True", reason: "ReplicaSetUpdated" }, undefined],
  ])("Kubernetes says that %s", (_, condition, stuck) => {
    expect(progressOf(like({ conditions: [condition] })).stuck).toBe(stuck);
  });
});

describe("what a pod says about itself", () => {
  const pod = (status: JsonObject): JsonObject => ({
    metadata: { name: "web-1" },
    spec: {
      containers: [
        { name: "side", image: "side:1" },
        { name: "web", image: "web:2" },
      ],
    },
    status,
  });
  const waiting = (reason: string, more: JsonObject = {}): JsonObject => ({
    name: "web",
    state: { waiting: { reason, message: "it says" } },
    ...more,
  });

  test("it is well", () => {
    const containerStatuses = [
      { name: "side", imageID: `side@${OLD_DIGEST}` },
      { name: "web", imageID: `ghcr.io/noetl/web@${DIGEST}` },
    ];
    const state = podState(pod({ conditions: [{ type: "Ready", status: "True" }], containerStatuses }), "web");
    expect(state).toEqual({ name: "web-1", image: "web:2", digest: DIGEST, ready: true });
  });

  test.each<[string, JsonObject, object | undefined]>([
    ["starts", { containerStatuses: [waiting("ContainerCreating")] }, undefined],
    [
      "cannot pull its image",
      { containerStatuses: [waiting("ImagePullBackOff")] },
      { reason: "ImagePullBackOff", message: "it says" },
    ],
    [
      "cannot start what comes before it",
      { initContainerStatuses: [waiting("CreateContainerConfigError")] },
      { reason: "CreateContainerConfigError", message: "it says" },
    ],
    [
      "ends again and again",
      {
        containerStatuses: [
          waiting("CrashLoopBackOff", { restartCount: 4, lastState: { terminated: { exitCode: 137 } } }),
        ],
      },
      { reason: "CrashLoopBackOff", message: "exit code 137, 4 restarts", crashed: "web" },
    ],
    [
      "fits on no node",
      { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/6 nodes" }] },
      { reason: "Unschedulable", message: "0/6 nodes" },
    ],
  ])("it %s", (_, status, problem) => {
    expect(podState(pod(status), "web").problem).toEqual(problem);
  });
});

describe("nodes that an image is not made for", () => {
  const node = (name: string, arch: string, more: JsonObject = {}): JsonObject => ({
    metadata: { name, labels: { "kubernetes.io/arch": arch, pool: name } },
    spec: more,
    status: { nodeInfo: { operatingSystem: "linux", architecture: arch } },
  });
  const taints = [{ key: "kubernetes.io/arch", value: "arm64", effect: "NoSchedule" }];
  const nodes = [node("intel", "amd64"), node("arm", "arm64"), node("tainted", "arm64", { taints })].map(nodeFacts);
  const workload = (spec: JsonObject): JsonObject => ({ spec: { template: { spec } } });

  test.each<[string, JsonObject, string[]]>([
    ["anywhere", {}, ["arm"]],
    ["on one kind of node", { nodeSelector: { "kubernetes.io/arch": "amd64" } }, []],
    ["where others may not", { tolerations: [{ key: "kubernetes.io/arch", operator: "Exists" }] }, ["arm", "tainted"]],
    ["where another taint is", { tolerations: [{ key: "kubernetes.io/arch", value: "s390x" }] }, ["arm"]],
    ["on every taint", { tolerations: [{ operator: "Exists", effect: "NoSchedule" }] }, ["arm", "tainted"]],
  ])("for pods that may run %s", (_, spec, names) => {
    expect(unfitNodes(workload(spec), nodes, ["linux/amd64"]).map(({ name }) => name)).toEqual(names);
  });
});

describe("what is to be done with a component", () => {
  const component: Component = {
    name: "web",
    kind: "Deployment",
    role: "server",
    container: "web",
    path: ["noetl:server", "image"],
    image: "ghcr.io/noetl/web:1",
  };
  const runs = (image: string, said = image): Found => ({
    component: { ...component, image: said },
    running: [],
    workload: {
      kind: "Deployment",
      metadata: { generation: 1 },
      spec: { replicas: 1, template: { spec: { containers: [{ name: "web", image }] } } },
      status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    },
  });
  const wanted: VerifiedImage = {
    target: parseTarget("ghcr.io/noetl/web:2"),
    reference: "ghcr.io/noetl/web:2",
    digest: DIGEST,
    known: [DIGEST, PLATFORM_DIGEST],
    signed: false,
  };

  test.each<[string, Found, string, string]>([
    ["it runs another tag", runs("ghcr.io/noetl/web:1"), "set", "ghcr.io/noetl/web:2"],
    ["it runs the image", runs("ghcr.io/noetl/web:2"), "none", "ghcr.io/noetl/web:2"],
    ["it runs its digest", runs(`ghcr.io/noetl/web:2@${DIGEST}`), "none", `ghcr.io/noetl/web:2@${DIGEST}`],
    ["the file says another", runs("ghcr.io/noetl/web:2", "ghcr.io/noetl/web:1"), "align", "ghcr.io/noetl/web:2"],
    ["it is not there", { component, workload: undefined, running: [] }, "skip", "ghcr.io/noetl/web:2"],
  ])("%s", (_, found, action, image) => {
    expect(changeOf(found, wanted)).toMatchObject({ action, image });
  });

  test.each<[string, string[], string]>([
    ["the image", [DIGEST], "none"],
    ["what the image is for one platform", [PLATFORM_DIGEST], "none"],
    ["what nobody tells", [], "none"],
    ["what the tag was before", [DIGEST, OLD_DIGEST], "set"],
  ])("it runs the tag, and its pods run %s", (_, running, action) => {
    const change = changeOf({ ...runs("ghcr.io/noetl/web:2"), running }, wanted);

    expect(change.action).toBe(action);
    if (action === "none") return;
    expect(change).toMatchObject({
      old: "ghcr.io/noetl/web:2",
      image: `ghcr.io/noetl/web:2@${DIGEST}`,
      former: `ghcr.io/noetl/web:2@${OLD_DIGEST}`,
      reason: `the tag has moved since, from ${OLD_DIGEST}; the same tag restarts nothing, so its digest is set beside it`,
    });
  });

  test("an image goes to those that run an image of its repository", () => {
    const other = runs("ghcr.io/noetl/other:1");
    const targets = [parseTarget("ghcr.io/noetl/web:2")];
    const given = (isMeant: boolean): (string | undefined)[] =>
      assign([runs("ghcr.io/noetl/web:1"), other], targets, isMeant).map(({ target }) => target?.reference);

    expect(given(false)).toEqual(["ghcr.io/noetl/web:2", undefined]);
    expect(given(true)).toEqual(["ghcr.io/noetl/web:2", "ghcr.io/noetl/web:2"]);
    expect(() => assign([other], targets, false)).toThrow(
      "no component runs an image of ghcr.io/noetl/web, and nothing was changed",
    );
  });
});
