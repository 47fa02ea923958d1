import { addresses, type Flow, type Party } from "../../components/network/flow";
import type { PlatformConfig } from "../schema";
import { podsBy } from "./hosts";
import { workloadsOf, type Populated } from "./parties";

/** One end of a flow as a stack file says it. */
export type DeclaredParty = PlatformConfig["networkPolicy"]["flows"][number]["from"];

/** The flows that a stack file adds. */
export function declaredFlows(config: Populated & Pick<PlatformConfig, "networkPolicy">): Flow[] {
  return config.networkPolicy.flows.map(({ from, to, ports, protocol, reason }, index) => ({
    from: partyOf(from, config),
    to: partyOf(to, config),
    ports: ports.map((port) => ({ name: "port", port, protocol })),
    reason,
    setting: `noetl:networkPolicy.flows[${index}]`,
  }));
}

function partyOf({ workload, namespace, labels, cidr, except }: DeclaredParty, config: Populated): Party {
  if (namespace !== undefined) return podsBy(namespace, labels);
  if (cidr !== undefined) return addresses(cidr, { cidr, except });
  const found = workloadsOf(config).find(({ name }) => name === workload);
  if (!found) throw new Error(`no workload '${workload ?? ""}'; the schema's rules demand one`);
  return found;
}
