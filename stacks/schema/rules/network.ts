import { isIPv4 } from "node:net";
import { workloadsOf } from "../../network/parties";
import { namespaceNames } from "../../namespaces";
import type { PlatformConfig } from "..";
import { rule, when, type RulePath, type RuleProblem } from "./rule";

type Flow = PlatformConfig["networkPolicy"]["flows"][number];
type Party = Flow["from"];

/** Every end of every flow with its place. */
function ends({ flows }: PlatformConfig["networkPolicy"]): { party: Party; path: RulePath }[] {
  return flows.flatMap((flow, index) =>
    (["from", "to"] as const).map((end) => ({
      party: flow[end],
      path: ["networkPolicy", "flows", index, end] as const,
    })),
  );
}

export const oneKindOfEnd = rule(
  "each end of `networkPolicy.flows` is one of `workload`, `namespace` and `cidr`; `labels` go with a namespace, `except` with a `cidr`",
  ["networkPolicy"],
  ({ networkPolicy }) =>
    ends(networkPolicy).flatMap(({ party, path }): RuleProblem[] => {
      const { workload, namespace, cidr, labels, except } = party;
      const given = [workload, namespace, cidr].filter((one) => one !== undefined).length;
      return [
        ...when(given !== 1, {
          path,
          message: given === 0 ? "says neither workload nor namespace nor cidr" : "says more than one thing",
          allowed: "exactly one of workload, namespace and cidr",
        }),
        ...when(labels.length > 0 && namespace === undefined, {
          path: [...path, "labels"],
          message: "has no namespace to find the pods in",
          allowed: "labels beside namespace",
        }),
        ...when(except.length > 0 && cidr === undefined, {
          path: [...path, "except"],
          message: "has no range to leave them out of",
          allowed: "except beside cidr",
        }),
      ];
    }),
);

/** The API server takes no policy whose exceptions are not within its range. */
export const exceptWithinRange = rule(
  "the ranges of `except` lie within their `cidr`",
  ["networkPolicy"],
  ({ networkPolicy }) =>
    ends(networkPolicy).flatMap(({ party: { cidr, except }, path }) =>
      except.flatMap((range, index) =>
        when(cidr !== undefined && !isWithin(range, cidr), {
          path: [...path, "except", index],
          message: `${range} is not a part of ${cidr ?? ""}`,
          allowed: `a smaller range within ${cidr ?? ""}`,
          see: [...path, "cidr"],
        }),
      ),
    ),
);

/** A flow that neither begins nor ends at the platform would be in nobody's policy. */
export const flowOfPlatform = rule(
  "each of `networkPolicy.flows` begins or ends at a workload or namespace of the platform, and names only workloads that it has",
  [
    "networkPolicy",
    "server",
    "systemPool",
    "workerPools",
    "subscriptions",
    "gateway",
    "ollamaBridge",
    "postgres",
    "natsSupercluster",
    "keda",
    "certManager",
  ],
  (config) => {
    const workloads = workloadsOf(config).map(({ name }) => name);
    const namespaces = Object.keys(namespaceNames(config));
    const unknown = ends(config.networkPolicy).flatMap(({ party: { workload }, path }) =>
      when(workload !== undefined && !workloads.includes(workload), {
        path: [...path, "workload"],
        message: `the platform has no workload "${workload ?? ""}"`,
        allowed: workloads.join(", "),
      }),
    );
    const isOurs = ({ workload, namespace = "" }: Party) => workload !== undefined || namespaces.includes(namespace);
    const foreign = config.networkPolicy.flows.flatMap(({ from, to }, index) =>
      when(!isOurs(from) && !isOurs(to), {
        path: ["networkPolicy", "flows", index],
        message: "neither begins nor ends at the platform, so none of its policies could allow it",
        allowed: `a workload (${workloads.join(", ")}) or a namespace of the platform (${namespaces.join(", ")}) at one end`,
      }),
    );
    return [...unknown, ...foreign];
  },
);

/** Whether a range of IPv4 addresses lies within another, and is smaller. */
function isWithin(range: string, cidr: string): boolean {
  const [inner, outer] = [range, cidr].map(parse);
  if (!inner || !outer) return false;
  return inner.bits > outer.bits && inner.address >> (32n - outer.bits) === outer.address >> (32n - outer.bits);
}

function parse(cidr: string): { address: bigint; bits: bigint } | undefined {
  const [address = "", bits = ""] = cidr.split("/");
  if (!isIPv4(address)) return undefined;
  return { address: address.split(".").reduce((sum, part) => (sum << 8n) + BigInt(part), 0n), bits: BigInt(bits) };
}
