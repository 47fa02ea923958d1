import { daysBetween, expiryDay } from "../../components/tls/validity";
import type { PlatformConfig } from "../../stacks/schema";
import { restartsOf, type Restart } from "../certificates";
import { givenFindings } from "./given-certificates";
import { title, type Check, type CheckContext, type Finding } from "./check";

type BuiltIn = Extract<PlatformConfig["tls"], { mode: "builtIn" }>;

const ID = "certificates";

/** Certificates hold for a time, and somebody has to renew them: the built-in authority reads no clock. */
export const certificates: Check = {
  id: ID,
  title: "Certificates hold today and for a while, and whoever reads one restarts when it is renewed.",
  run: (context) => {
    const { tls } = context.config;
    if (tls.mode === "off") return [];
    const { today } = context;
    if (tls.mode === "given") return today === undefined ? [] : givenFindings(ID, tls, today);
    if (tls.mode !== "builtIn") return unrestarted(context);
    return today === undefined ? [] : [...leaves(tls, today, context), ...roots(tls, today)];
  },
};

function leaves({ leaves: { issuedOn, days, renewBefore } }: BuiltIn, today: string, context: CheckContext): Finding[] {
  const resource = "noetl:tls.leaves.issuedOn";
  const end = expiryDay({ issuedOn, days });
  const left = daysBetween(today, end);
  const fix = `set ${resource}: "${today}" and run pulumi up, which restarts ${readersOf(context)}`;
  if (issuedOn > today)
    return [error(resource, `certificates hold only from ${issuedOn} on: until then peers refuse each other`, fix)];
  if (left <= 0) return [error(resource, `certificates ended on ${end}: peers refuse each other`, fix)];
  if (left > renewBefore) return [];
  return [warning(resource, `certificates end on ${end}, in ${left} days`, fix)];
}

function roots({ ca, leaves: { days } }: BuiltIn, today: string): Finding[] {
  const newest = Math.max(...ca.trusted.map(({ generation }) => generation));
  return ca.trusted.flatMap(({ generation, issuedOn }, index) => {
    const resource = `noetl:tls.ca.trusted[${index}].issuedOn`;
    const end = expiryDay({ issuedOn, days: ca.days });
    const left = daysBetween(today, end);
    const root = `the root of generation ${generation}`;
    const signs = generation === ca.generation;
    const roll = signs
      ? `begin a roll: add generation ${newest + 1}, issued on "${today}", to noetl:tls.ca.trusted`
      : `drop generation ${generation} from noetl:tls.ca.trusted`;
    if (issuedOn > today) {
      return [
        error(
          resource,
          `${root} holds only from ${issuedOn} on: until then peers refuse what it signs`,
          `set it to "${today}"`,
        ),
      ];
    }
    if (left <= 0) return [error(resource, `${root} ended on ${end}: peers refuse what it signed`, roll)];
    // A certificate must not outlive its root, so that this is the last time to sign one for all its days.
    if (!signs || left > days) return [];
    return [
      warning(resource, `${root} ends on ${end}, in ${left} days: no certificate of ${days} days fits any more`, roll),
    ];
  });
}

/** cert-manager renews by itself, and tells nobody. */
function unrestarted(context: CheckContext): Finding[] {
  const waiting = [...restartsOf(context.graph, context.workloads)].flatMap(([secret, restarts]) => {
    const names = restarts.filter(({ by }) => by === "nobody").map(nameOf);
    return names.length === 0 ? [] : [`${secret}: ${names.join(", ")}`];
  });
  if (waiting.length === 0) return [];
  return [
    {
      severity: "info",
      rule: ID,
      resource: "noetl:tls.reloader",
      message: `nobody restarts those who read a certificate when cert-manager renews it (${waiting.join("; ")})`,
      fix: "install Stakater's Reloader and set noetl:tls.reloader: true, or run kubectl rollout restart within the days of noetl:tls.leaves.renewBefore",
    },
  ];
}

function readersOf({ graph, workloads }: CheckContext): string {
  const readers = new Set([...restartsOf(graph, workloads).values()].flat().map(nameOf));
  return readers.size === 0 ? "nothing" : [...readers].join(", ");
}

function nameOf({ workload }: Restart): string {
  return title(workload);
}

function error(resource: string, message: string, fix: string): Finding {
  return { severity: "error", rule: ID, resource, message, fix };
}

function warning(resource: string, message: string, fix: string): Finding {
  return { ...error(resource, message, fix), severity: "warning" };
}
