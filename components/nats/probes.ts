import { isClustered, type NatsFacts, type NatsProbes } from "./facts";

/** Accepts connections. */
const ACCEPTING = "/healthz?js-server-only=true";
/** That, and JetStream was not disabled, for example by a disk error. */
const ENABLED = "/healthz?js-enabled-only=true";
/** That, and knows the leader of the meta group and what it knows. */
const META = "/healthz?js-meta-only=true";

/** How long a rolling update gives a server that is ready to catch up with its streams. */
const CATCH_UP_SECONDS = 10;

/**
 * When a server has started, gets traffic, and is restarted. A single server answers none of them before it has
 * recovered its streams, so the start may take long. No probe asks for the state of streams, as plain `/healthz` does:
 * one that cannot be recovered must not stop all others, and a restart would not repair it. Neither does any but the
 * startup probe ask for the meta leader: without one, servers still carry messages, and a restart would not help.
 */
export function probes(facts: Pick<NatsFacts, "probes" | "replicas" | "gateway">): NatsProbes {
  if (typeof facts.probes === "object") return facts.probes;
  return {
    startupProbe: { httpGet: get(startup(facts)), periodSeconds: 2, timeoutSeconds: 5, failureThreshold: 450 },
    readinessProbe: { httpGet: get(ENABLED), periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 3 },
    livenessProbe: { httpGet: get(ACCEPTING), periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
  };
}

/** How long a server must have been ready before a rolling update goes on. */
export function minReadySeconds(facts: Pick<NatsFacts, "probes" | "replicas" | "gateway">): number | undefined {
  return facts.probes === "quorum" && isClustered(facts) ? CATCH_UP_SECONDS : undefined;
}

/** A server that is alone takes the question for the meta leader for one about all its streams. */
function startup(facts: Pick<NatsFacts, "probes" | "replicas" | "gateway">): string {
  return facts.probes === "quorum" && isClustered(facts) ? META : ACCEPTING;
}

function get(path: string) {
  return { path, port: "monitoring" };
}
