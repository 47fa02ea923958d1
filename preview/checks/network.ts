import { portTitle, type Flow } from "../../components/network/flow";
import { namespaceNames } from "../../stacks/namespaces";
import { flowsOfPlatform, workloadsIn } from "../network/actors";
import { reach, type Side } from "../network/reach";
import { destinationsOf, targetsOf } from "../network/targets";
import { podOf, worldOf, type World } from "../network/world";
import type { Workload } from "../workloads";
import { keyOf, title, type Check, type CheckContext, type Finding } from "./check";

/**
 * A pod that gets an address which its policies do not let it reach waits for it for ever, and a timeout tells nobody
 * why. That there are policies at all is the policy `network-policies`.
 */
export const network: Check = {
  id: "network",
  title: "Every pod may reach every address that its environment names, and every flow of the table is of use.",
  run: (context) => {
    if (context.config.networkPolicy.mode === "off") return [];
    const world = worldOf(context.graph);
    return [...context.workloads.flatMap((workload) => unreachable(workload, world, context)), ...unusedFlows(context)];
  },
};

function unreachable(workload: Workload, world: World, { graph, workloads, config }: CheckContext): Finding[] {
  return targetsOf(workload, config).flatMap(({ variable, container, host, port }) =>
    destinationsOf({ host, port }, workload, graph, workloads).flatMap((destination): Finding[] => {
      const { allowed, egress, ingress } = reach(world, {
        from: podOf(workload),
        to: destination.place,
        port: destination.port,
      });
      if (allowed) return [];
      const where = `${destination.name}, port ${destination.port}`;
      const sides = [...sideText(egress, "out of its own pods"), ...sideText(ingress, "into the pods there")];
      return [
        {
          severity: "error",
          rule: network.id,
          resource: workload.resource.urn,
          message: `${variable} of container '${container}' leads to ${where}, which it may not reach: ${sides.join("; ")}`,
          fix: `add the flow from ${title(workload)} to ${where} to stacks/network/flows.ts or noetl:networkPolicy.flows, or take the address out of ${keyOf(workload, config)}`,
        },
      ];
    }),
  );
}

function sideText({ allowed, isolatedBy }: Side, way: string): string[] {
  return allowed ? [] : [`nothing in ${isolatedBy.map(({ name }) => name).join(" or ")} lets it ${way}`];
}

/** Flows of the table and of the stack file of which an end has no pods, or does not listen. */
function unusedFlows({ config, workloads }: CheckContext): Finding[] {
  return flowsOfPlatform({ config }).flatMap((flow) => {
    const reason = uselessness(flow, config, workloads);
    if (reason === undefined) return [];
    return [
      {
        severity: "warning" as const,
        rule: network.id,
        resource: flow.setting ?? "stacks/network/flows.ts",
        message: `nobody uses the flow from ${flow.from.name} to ${flow.to.name} (${flow.reason}): ${reason}`,
        fix: "take it out, or correct its labels and ports",
      },
    ];
  });
}

/** Why a flow is of no use; undefined when it is of some, or when somebody else deploys its ends. */
function uselessness(
  { from, to, ports }: Flow,
  { keda, certManager, natsSupercluster }: CheckContext["config"],
  workloads: readonly Workload[],
): string | undefined {
  // What the charts of operators make is not known here, and Jobs of playbooks come and go.
  const known = Object.keys(
    namespaceNames({
      keda: { ...keda, install: false },
      certManager: { ...certManager, install: false },
      natsSupercluster,
    }),
  );
  for (const end of [from, to]) {
    const isOurs = end.kind === "pods" && known.includes(end.namespace) && end.without === undefined;
    if (isOurs && workloadsIn(end, workloads).length === 0) return `no workload is ${end.name}`;
  }
  const called = workloadsIn(to, workloads);
  if (called.length === 0 || ports.length === 0) return undefined;
  const listening = called.flatMap((workload) => podOf(workload).ports.map(({ port }) => port));
  const deaf = ports.filter(({ port }) => !listening.includes(port));
  if (deaf.length < ports.length) return undefined;
  return `no container there declares ${deaf.map(portTitle).join(", ")}`;
}
