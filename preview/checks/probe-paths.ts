import { parseImage } from "../../components/kubernetes/image";
import { at, textOf } from "../json";
import type { Container } from "../workloads";
import { type Check } from "./check";

const PROBES = ["startupProbe", "readinessProbe", "livenessProbe"];
/** Images that were observed to answer 404 to the specification's probe paths (noetl/server 3.39.3). */
const PUBLISHED = "ghcr.io/noetl/server";
const UNANSWERED = new Set(["/healthz", "/readyz"]);

/**
 * The deployment specification probes /healthz and /readyz; the published images answer 404 there, and 200 at /health
 * and /api/health. Pods with the wrong paths never become ready and are restarted for ever.
 */
export const probePaths: Check = {
  id: "probe-paths",
  title: "Probes ask for paths that the server image answers.",
  run: ({ workloads }) =>
    workloads.flatMap((workload) =>
      workload.containers.flatMap((container) => {
        const paths = probedPaths(container).filter((path) => UNANSWERED.has(path));
        if (paths.length === 0 || parseImage(container.image ?? "")?.repository !== PUBLISHED) return [];
        return {
          severity: "warning" as const,
          rule: probePaths.id,
          resource: workload.resource.urn,
          message: `probes ask for ${paths.join(" and ")}, to which ${container.image ?? ""} answers 404: pods would never become ready`,
          fix: "set noetl:server.healthApi to published, or use an image that has these paths",
        };
      }),
    ),
};

function probedPaths({ raw }: Container): string[] {
  return [...new Set(PROBES.flatMap((probe) => textOf(at(raw, probe, "httpGet", "path")) ?? []))].sort();
}
