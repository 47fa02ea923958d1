import { counted } from "../amounts";
import { manifestOf } from "../graph";
import type { Check, CheckContext, Finding } from "./check";

/** An operator that a stack may install or find in its cluster. */
interface Operator {
  name: string;
  /** Its section of the stack file, which says whether to install it. */
  section: "keda" | "certManager";
  /** API group that its custom resources are in. */
  group: string;
  /** Kinds without which the others are for an operator that is there already. */
  own?: readonly string[];
}

const OPERATORS: readonly Operator[] = [
  { name: "KEDA", section: "keda", group: "keda.sh" },
  {
    name: "cert-manager",
    section: "certManager",
    group: "cert-manager.io",
    // Where there is an issuer already, there is who serves it.
    own: ["Issuer", "ClusterIssuer"],
  },
];

/** Without the operator's definitions, the API server knows no such kinds, and an update stops half-way. */
export const operators: Check = {
  id: "operators",
  title: "Each custom resource has its operator: the stack installs it, or says that the cluster brings it.",
  run: (context) => OPERATORS.flatMap((operator) => missing(operator, context)),
};

function missing({ name, section, group, own }: Operator, { graph, config }: CheckContext): Finding[] {
  if (config[section].install !== undefined) return [];
  const kinds = new Map<string, number>();
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest?.apiVersion.split("/")[0] === group) kinds.set(manifest.kind, (kinds.get(manifest.kind) ?? 0) + 1);
  }
  if (!(own ?? [...kinds.keys()]).some((kind) => kinds.has(kind))) return [];
  const resources = [...kinds].map(([kind, count]) => counted(count, kind)).join(", ");
  return [
    {
      severity: "error",
      rule: operators.id,
      resource: `noetl:${section}.install`,
      message: `${name} is needed for ${resources}, and nobody says where it comes from: without it, the API server knows no such kinds`,
      fix: `set noetl:${section}.install: true, or false where the cluster has ${name}`,
    },
  ];
}
