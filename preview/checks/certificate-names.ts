import { isIP } from "node:net";
import { NAMES_ANNOTATION } from "../../components/tls/authority";
import { manifestOf, type ResourceGraph } from "../graph";
import { at, isObject, listOf, textOf, type JsonObject } from "../json";
import type { Workload } from "../workloads";
import { title, type Check, type CheckContext, type Finding } from "./check";

/** A URL of something that shows a certificate, in whatever text. */
const URLS = /\b(?:https|tls):\/\/(?:[^/\s@"']*@)?([A-Za-z0-9.{}-]+)/g;
/** The same of a proxy, which speaks TLS for others. */
const PROXIED = /^\s*server \S+ ([A-Za-z0-9.-]+):\d+ ssl /gm;
/** What the server tells workers to call: always itself, whatever the name. */
const PUBLIC_URL = "NOETL_PUBLIC_SERVER_URL";

/** A host that a workload connects to by TLS. */
interface Use {
  host: string;
  workload: Workload;
  variable: string;
}

/**
 * A client refuses a certificate that is not for the name it asked for, and nothing works, however valid all else is.
 * Of certificates from somewhere else nothing is known, and so nothing said.
 */
export const certificateNames: Check = {
  id: "certificate-names",
  title: "Each name by which TLS clients reach a workload is in the certificate that it shows.",
  run: (context) => {
    const certificates = certificatesOf(context.graph);
    const seen = new Set<string>();
    return context.workloads.flatMap(usesOf).flatMap((use): Finding[] => {
      const target = use.variable === PUBLIC_URL ? use.workload : targetOf(use.host, context);
      const shown = target && shownBy(target, certificates);
      if (!target || !shown || shown.names.some((name) => matches(name, use.host))) return [];
      const key = `${use.workload.resource.urn} ${use.host}`;
      if (seen.has(key)) return [];
      seen.add(key);
      return [
        {
          severity: "error",
          rule: certificateNames.id,
          resource: use.workload.resource.urn,
          message: `${use.variable} names ${use.host}, and certificate ${shown.secret}, which ${title(target)} shows there, is only for ${shown.names.join(", ")}`,
          fix: `use one of these names, or give ${shown.secret} a certificate that is for ${use.host}, too`,
        },
      ];
    });
  },
};

function usesOf(workload: Workload): Use[] {
  const containers = [...workload.initContainers, ...workload.containers];
  const variables = containers.flatMap(({ env }) => env);
  return variables.flatMap(({ name, value = "" }) =>
    [...value.matchAll(URLS), ...value.matchAll(PROXIED)].map(([, host = ""]) => ({
      host: host.replace("{shard}", "0"),
      workload,
      variable: name,
    })),
  );
}

/** Names and addresses of each certificate, by `NAMESPACE/SECRET`. */
function certificatesOf(graph: ResourceGraph): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    const { namespace = "default", name } = manifest?.metadata ?? { name: "" };
    if (manifest?.kind === "Certificate") {
      const texts = (field: string) => listOf(at(manifest.spec, field)).flatMap((item) => textOf(item) ?? []);
      const secret = textOf(at(manifest.spec, "secretName")) ?? "";
      found.set(`${namespace}/${secret}`, [...texts("dnsNames"), ...texts("ipAddresses")]);
    }
    const names = textOf(at(manifest?.metadata.annotations, NAMES_ANNOTATION));
    if (manifest?.kind === "Secret" && names !== undefined) found.set(`${namespace}/${name}`, names.split(","));
  }
  return found;
}

/** The workload behind a host name of the cluster; undefined of any other host. */
function targetOf(host: string, { graph, workloads }: CheckContext): Workload | undefined {
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "Service") continue;
    const { name, namespace = "default" } = manifest.metadata;
    const service = `${name}.${namespace}`;
    const isOfService = [service, `${service}.svc`, `${service}.svc.cluster.local`].some(
      (full) => host === full || host.endsWith(`.${full}`),
    );
    const selector = at(manifest.spec, "selector");
    if (!isOfService || !isObject(selector)) continue;
    const target = workloads.find((workload) => workload.namespace === namespace && selects(selector, workload));
    if (target) return target;
  }
  return undefined;
}

function selects(selector: JsonObject, { podLabels }: Workload): boolean {
  return Object.entries(selector).every(([key, value]) => podLabels[key] === value);
}

/** The first Secret among a workload's volumes that a certificate is known of. */
function shownBy(workload: Workload, certificates: ReadonlyMap<string, string[]>) {
  for (const volume of listOf(workload.podSpec.volumes)) {
    const sources = [
      textOf(at(volume, "secret", "secretName")),
      ...listOf(at(volume, "projected", "sources")).map((source) => textOf(at(source, "secret", "name"))),
    ];
    for (const secret of sources) {
      const names = secret === undefined ? undefined : certificates.get(`${workload.namespace}/${secret}`);
      if (secret !== undefined && names) return { secret, names };
    }
  }
  return undefined;
}

/** Whether a name of a certificate is for a host; a star is for one label. */
function matches(name: string, host: string): boolean {
  if (name === host) return true;
  if (!name.startsWith("*.") || isIP(host) !== 0) return false;
  const dot = host.indexOf(".");
  return dot > 0 && host.slice(dot) === name.slice(1);
}
