import type { SecretKey } from "../kubernetes/env";
import type { Namespace } from "../kubernetes/namespaces";
import type { ScrapeTls } from "../tls/mutual-tls";

/** How often, and how far an answer is taken: more than this is no answer at all. */
export const SCRAPE_LIMITS = { samples: 20_000, labels: 40, labelNameLength: 128, labelValueLength: 1024 } as const;

/** Something that serves metrics, to be asked pod by pod. */
export interface ScrapeFacts {
  /** Name of the monitor, and the label `job` of all it finds. */
  name: string;
  /** Of the pods, and of the monitor. */
  namespace: Namespace;
  /** Label `component` of the monitor. */
  component: string;
  /** Further labels of the monitor. */
  labels?: Readonly<Record<string, string>> | undefined;
  /** Values of the pods' label {@link app}, at least one. */
  apps: readonly string[];
  /** The label. Default: `app`. */
  appLabel?: string | undefined;
  /** Port of the container, by name; by number its pods do not get a label `container`. */
  port: string | number;
  /** `15s`. */
  interval: string;
  /** How to ask over TLS. Default: plain HTTP. */
  tls?: ScrapeTls | undefined;
}

/** What selects the pods. */
export function podSelector({ apps, appLabel = "app" }: Pick<ScrapeFacts, "apps" | "appLabel">) {
  const [only, ...others] = apps;
  if (only === undefined) throw new Error("a scrape of no pods");
  if (others.length === 0) return { matchLabels: { [appLabel]: only } };
  return { matchExpressions: [{ key: appLabel, operator: "In", values: [...apps] }] };
}

/** A series with an execution's id would be a new one for each: none is kept. */
export const NO_EXECUTIONS = { action: "drop", sourceLabels: ["execution_id"], regex: ".+" } as const;

/** The certificate that the scraper shows, and the CA it trusts, as both kinds of monitoring name keys of Secrets. */
export function tlsKeys({ serverName, caSecret, certSecret, keySecret }: ScrapeTls) {
  return { serverName, ca: keyOf(caSecret), cert: keyOf(certSecret), key: keyOf(keySecret) };
}

function keyOf({ secret: name, key }: SecretKey) {
  return { name, key };
}
