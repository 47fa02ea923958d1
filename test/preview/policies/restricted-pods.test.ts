import { describe, expect, test } from "@jest/globals";
import { policyContext } from "../../../preview/policies";
import { CONTROLS } from "../../../preview/policies/pod-security";
import { restrictedPods } from "../../../preview/policies/restricted-pods";
import { graph, object, workload } from "../support";
import { POD_MUTANTS } from "./pod-mutants";

function messages(...nodes: Parameters<typeof graph>): string[] {
  return restrictedPods.find(policyContext(graph(...nodes), true)).map(({ message }) => message);
}

const namespace = (labels: Record<string, string>) =>
  object({ apiVersion: "v1", kind: "Namespace", metadata: { name: "noetl", labels } });

describe("restricted pods", () => {
  // test/real/stacks asks a real API server about the same pods.
  test.each(Object.entries(POD_MUTANTS))(
    "given a pod with %s, when asked, then so many controls are broken",
    (_, mutant) => {
      const broken = messages(object(mutant.pod)).map((message) => message.slice(0, message.indexOf(": ")));
      expect(broken.sort()).toEqual([...mutant.broken].sort());
    },
  );

  test("given all mutants, then each control is broken by one of them", () => {
    const broken = new Set(Object.values(POD_MUTANTS).flatMap((mutant) => mutant.broken));
    expect([...broken].sort()).toEqual(CONTROLS.map(({ name }) => name).sort());
  });

  test("given a template of pods, when asked, then the finding names pod and containers", () => {
    const securityContext = { runAsNonRoot: true, runAsUser: 0, seccompProfile: { type: "RuntimeDefault" } };
    const initContainers = [{ name: "wait", image: "a:1" }];
    const container = { securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } } };
    expect(messages(workload({ container, podSpec: { securityContext, initContainers } }))).toEqual([
      "allowPrivilegeEscalation != false: container 'wait'",
      "unrestricted capabilities: container 'wait'",
      "runAsUser=0: pod",
    ]);
  });

  test.each([
    ["no label", {}, ["namespace noetl has no label pod-security.kubernetes.io/enforce: restricted"]],
    [
      "another level",
      { "pod-security.kubernetes.io/enforce": "baseline" },
      ["namespace noetl has no label pod-security.kubernetes.io/enforce: restricted"],
    ],
    ["the level", { "pod-security.kubernetes.io/enforce": "restricted" }, []],
  ])("given a namespace with %s, when asked, then only the level is right", (_, labels, found) => {
    expect(messages(namespace(labels))).toEqual(found);
  });
});
