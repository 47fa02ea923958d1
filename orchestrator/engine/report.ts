import { impactOf, type ImpactReport } from "../../preview/impact";
import type { JsonObject } from "../tasks/json";

/** Resources that a result names; its log has all. */
const MOST_RESOURCES = 200;

/**
 * What a result says of an impact report. Paths of fields only: no value of any field is in it, so that no secret can be.
 */
export function summaryOf(report: ImpactReport): JsonObject {
  const impacts: Record<string, number> = {};
  for (const one of report.resources) impacts[impactOf(one)] = (impacts[impactOf(one)] ?? 0) + 1;
  return {
    compared_with: report.before,
    changed: report.resources.length,
    unchanged: report.same,
    impacts,
    resources: report.resources.slice(0, MOST_RESOURCES).map((one) => ({
      urn: one.urn,
      kind: one.kind,
      namespace: one.namespace ?? null,
      name: one.name,
      impact: impactOf(one),
      reason: one.effects[0]?.reason ?? "",
      fields: one.fields.map(({ path }) => path),
    })),
    findings: report.findings.map(({ rule, severity, message }) => ({ rule, severity, message })),
  };
}
