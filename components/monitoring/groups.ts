import { certificatesGroup, kedaGroup, pgbouncerGroup, workloadsGroup } from "./groups/cluster";
import { materializerGroup } from "./groups/materializer";
import { messagingGroup, natsGroup } from "./groups/nats";
import { offserverGroup, serverGroup } from "./groups/server";
import { consumersGroup, subscriptionsGroup } from "./groups/workers";
import { EXPORTERS, type Exporter } from "./metrics";
import type { Monitored } from "./monitored";
import type { RuleGroup } from "./rules";

/** The platform's own rules, as far as what they need is scraped. */
export function platformRules(monitored: Monitored): RuleGroup[] {
  const { server, nats, keda, pgbouncer, certManager, kubeState, subscriptions, thresholds } = monitored;
  return [
    materializerGroup(thresholds),
    consumersGroup(monitored),
    ...(subscriptions ? [subscriptionsGroup()] : []),
    serverGroup(monitored),
    offserverGroup(),
    ...(nats ? [natsGroup(nats, thresholds), messagingGroup(server, nats)] : []),
    ...(keda ? [kedaGroup(keda, server.namespace)] : []),
    ...(pgbouncer ? [pgbouncerGroup(pgbouncer, thresholds)] : []),
    ...(certManager ? [certificatesGroup(certManager, thresholds)] : []),
    ...(kubeState ? [workloadsGroup(kubeState.namespaces)] : []),
  ];
}

/** Rules that a platform does without. */
export interface MissingRules {
  /** What is not scraped. */
  exporter: Exporter;
  /** It in words. */
  title: string;
  /** What nobody is told of. */
  about: string;
}

const ABOUT: Partial<Record<Exporter, string>> = {
  nats: "quorum, routes and stores of NATS, stalled consumers, and a server without messaging",
  keda: "errors of the scalers",
  pgbouncer: "a pool of connections that is near its budget",
  certManager: "certificates that end or are not renewed",
  kubeState: "containers that do not start",
};

/** What is not scraped, and so not told of. Who has no subscriptions misses none. */
export function missingRules(scraped: ReadonlySet<Exporter>): MissingRules[] {
  return (Object.entries(ABOUT) as [Exporter, string][])
    .filter(([exporter]) => !scraped.has(exporter))
    .map(([exporter, about]) => ({ exporter, title: EXPORTERS[exporter].title, about }));
}
