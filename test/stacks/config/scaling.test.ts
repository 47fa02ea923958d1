import { describe, expect, test } from "@jest/globals";
import { configOf, problem, problemsOf, stackText } from "./support";

/** A worker pool from line 5 on: its name on line 6, `scaling` on line 7, and what `scaling` says from line 8 on. */
function scaled(settings: string, more = ""): string {
  const lines = settings === "" ? [] : settings.split("\n").map((line) => `      ${line}`);
  return stackText(
    [
      "noetl:workerPools:",
      `  - { name: other, poolName: other, consumer: other, filterSubject: noetl.commands.other.> }`,
      "  - name: worker",
      "    poolName: pool",
      "    consumer: shared",
      "    filterSubject: noetl.commands.shared.>",
      ...(more === "" ? [] : more.split("\n").map((line) => `    ${line}`)),
      "    scaling:",
      ...lines,
    ].join("\n"),
  );
}

const PATH = "noetl:workerPools[1].scaling";

function pathsOf(text: string): string[] {
  return problemsOf(text).map(({ path }) => path);
}

describe("scaling", () => {
  test("given nothing but its kind, KEDA scales as the platform's manifests do", () => {
    expect(configOf(scaled("kind: keda")).workerPools[1]?.scaling).toEqual({
      kind: "keda",
      minReplicas: 1,
      maxReplicas: 20,
      lagThreshold: 10,
      activationLagThreshold: 1,
      consumers: [],
      pollingInterval: 10,
      cooldownPeriod: 30,
      initialCooldownPeriod: 0,
      idleToZero: false,
      paused: false,
    });
  });

  test("given nothing but its kind, Kubernetes scales at 70 percent of CPU", () => {
    const scaling = { kind: "hpa", minReplicas: 1, maxReplicas: 20, cpu: 70 };
    expect(configOf(scaled("kind: hpa")).workerPools[1]?.scaling).toEqual(scaling);
  });

  test.each([
    ["no kind", "minReplicas: 1", [`${PATH}.kind`]],
    ["an unknown kind", "kind: vpa", [`${PATH}.kind`]],
    ["a lag threshold of 0", "kind: keda\nlagThreshold: 0", [`${PATH}.lagThreshold`]],
    ["a lag threshold as text", "kind: keda\nlagThreshold: '10'", [`${PATH}.lagThreshold`]],
    ["an activation threshold below 0", "kind: keda\nactivationLagThreshold: -1", [`${PATH}.activationLagThreshold`]],
    ["no polling", "kind: keda\npollingInterval: 0", [`${PATH}.pollingInterval`]],
    ["no cooldown", "kind: keda\ncooldownPeriod: 0", [`${PATH}.cooldownPeriod`]],
    ["an account", "kind: keda\naccount: NOETL", [`${PATH}.account`]],
    ["an endpoint", "kind: keda\nnatsServerMonitoringEndpoint: nats:8222", [`${PATH}.natsServerMonitoringEndpoint`]],
    ["CPU for KEDA", "kind: keda\ncpu: 70", [`${PATH}.cpu`]],
    ["lag for Kubernetes", "kind: hpa\nlagThreshold: 10", [`${PATH}.lagThreshold`]],
    ["no pods at least, by Kubernetes", "kind: hpa\nminReplicas: 0", [`${PATH}.minReplicas`]],
    [
      "a policy of no pods",
      "kind: hpa\nbehavior: { scaleUp: { policies: [{ type: pods, value: 0, period: 15 }] } }",
      [`${PATH}.behavior.scaleUp.policies[0].value`],
    ],
    ["no policies", "kind: hpa\nbehavior: { scaleDown: { policies: [] } }", [`${PATH}.behavior.scaleDown.policies`]],
    [
      "a stabilization of two hours",
      "kind: keda\nbehavior: { scaleDown: { stabilizationWindow: 7200 } }",
      [`${PATH}.behavior.scaleDown.stabilizationWindow`],
    ],
    ["a fallback to no pods", "kind: keda\nfallback: { replicas: 0 }", [`${PATH}.fallback.replicas`]],
    ["a fallback without pods", "kind: keda\nfallback: { failureThreshold: 1 }", [`${PATH}.fallback.replicas`]],
  ])("given %s, when read, then the problem is named with its place", (_, settings, paths) => {
    expect(pathsOf(scaled(settings))).toEqual(paths);
  });

  test("given replicas beside a scaler, when read, then one of them is too many", () => {
    expect(problemsOf(scaled("kind: keda", "replicas: 3"))).toEqual([
      problem(
        "11:17",
        "noetl:workerPools[1].replicas",
        "the pool has `scaling`, which decides how many pods there are (line 13)",
        { allowed: "no replicas beside scaling; the least is scaling.minReplicas" },
      ),
    ]);
  });

  test("given a minimum above the maximum, when read, then that is wrong", () => {
    expect(problemsOf(scaled("kind: hpa\nmaxReplicas: 2\nminReplicas: 3"))).toEqual([
      problem("14:22", `${PATH}.minReplicas`, "3 is more than maxReplicas, 2 (line 13)", {
        allowed: "a whole number from 0 to 2",
      }),
    ]);
  });

  test.each([
    ["above the maximum", 21, "1, and maxReplicas, 20 (the default)"],
    ["below the minimum", 1, "2, and maxReplicas, 20 (line 13)"],
  ])("given a fallback %s, when read, then that is wrong", (name, replicas, bounds) => {
    const minimum = name === "below the minimum" ? "\nminReplicas: 2" : "";
    const [found] = problemsOf(scaled(`kind: keda${minimum}\nfallback: { replicas: ${replicas} }`));
    expect(found).toMatchObject({
      path: `${PATH}.fallback.replicas`,
      message: `${replicas} is not between minReplicas, ${bounds}`,
    });
  });

  test.each([
    ["minReplicas: 0", `${PATH}.minReplicas`],
    ["minReplicas: 1\nidleToZero: true", `${PATH}.idleToZero`],
  ])("given a fallback and %s, when read, then that is refused: at zero KEDA does not apply it", (setting, path) => {
    const [found, ...others] = problemsOf(scaled(`kind: keda\n${setting}\nfallback: { replicas: 2 }`));
    expect([found?.path, others]).toEqual([path, []]);
    expect(found?.message).toContain("while the pool has no pods, KEDA does not apply the fallback");
  });

  test("given that it goes to zero twice, when read, then that is wrong", () => {
    expect(pathsOf(scaled("kind: keda\nminReplicas: 0\nidleToZero: true"))).toEqual([`${PATH}.idleToZero`]);
  });

  test("given names whose ScaledObject KEDA cannot label, when read, then a name of its own is asked for", () => {
    const name = "n".repeat(44);
    const text = scaled("kind: keda").replaceAll("worker\n", `${name}\n`);
    expect(problemsOf(text)).toMatchObject([
      {
        path: `${PATH}.name`,
        message: `is missing: "${name}-scaler-pool" has 56 characters, more than the 54 that KEDA takes (line 12)`,
      },
    ]);
    expect(problemsOf(text.replace("kind: keda", "kind: keda\n        name: short"))).toEqual([]);
  });

  test("given two scalers of one name, when read, then the second is wrong", () => {
    const first = "consumer: other, filterSubject: noetl.commands.other.>";
    const text = scaled("kind: keda").replace(first, `${first}, scaling: { kind: keda, name: worker-scaler-pool }`);
    expect(problemsOf(text)).toMatchObject([
      { path: `${PATH}.name`, message: expect.stringContaining('"worker-scaler-pool" is the ScaledObject') as unknown },
    ]);
  });

  test.each([
    [
      "one that no pool has",
      "consumers: [{ consumer: othre }]",
      "no worker pool has consumer othre of stream NOETL_COMMANDS",
    ],
    [
      "one in a stream that it is not in",
      "consumers: [{ consumer: other, stream: S }]",
      "no worker pool has consumer other of stream S",
    ],
    [
      "the pool's own",
      "consumers: [{ consumer: shared }]",
      "consumer shared of stream NOETL_COMMANDS is watched already",
    ],
  ])("given as a further consumer %s, when read, then that is wrong", (_, settings, message) => {
    expect(problemsOf(scaled(`kind: keda\n${settings}`))).toMatchObject([
      { path: `${PATH}.consumers[0].consumer`, message },
    ]);
  });

  test("given another pool's consumer, when read, then it is watched too", () => {
    expect(problemsOf(scaled("kind: keda\nconsumers: [{ consumer: other, lagThreshold: 5 }]"))).toEqual([]);
  });

  test.each([
    ["made by workers", "", "1000", 1001],
    ["declared", "noetl:streams: { mode: declared, by: nack, maxAckPending: 20 }", "20", 21],
  ])(
    "given streams %s and a threshold above what clients may hold, when read, then that is wrong",
    (_, streams, most, value) => {
      const text = scaled(`kind: keda\nlagThreshold: ${value}`) + (streams === "" ? "" : `  ${streams}\n`);
      expect(problemsOf(text)).toMatchObject([
        { path: `${PATH}.lagThreshold`, allowed: `a whole number from 1 to ${most}` },
      ]);
      expect(problemsOf(text.replace(String(value), most))).toEqual([]);
    },
  );

  test.each(["noetl", "nats", "postgres", "default", "kube-system"])(
    "given the operator in namespace %s, when read, then that is refused",
    (namespace) => {
      const text = stackText(`noetl:keda: { install: true, namespace: ${namespace} }`);
      expect(pathsOf(text)).toEqual(["noetl:keda.namespace"]);
    },
  );
});
