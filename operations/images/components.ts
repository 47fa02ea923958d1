import { nearest } from "../../stacks/config/nearest";
import type { Path } from "../../stacks/config/path";
import { UserError } from "../../stacks/errors";
import type { PlatformConfig } from "../../stacks/schema";

/** Who comes when: workers and what stands at the edge talk to the server, so that it moves first. */
export const ROLES = ["server", "worker", "edge"] as const;

export type Role = (typeof ROLES)[number];

/** A workload of the platform whose image is a setting of the stack file. */
export interface Component {
  /** Name of the workload. */
  name: string;
  kind: "Deployment" | "StatefulSet";
  role: Role;
  /** The container that runs the image. */
  container: string;
  /** Where the image stands in the stack file. */
  path: Path;
  /** What the stack file says, or its default. */
  image: string;
}

/** Names that the operations of the platform have for the roles, whatever the workloads are called. */
const ALIASES: Readonly<Record<string, Role>> = { "noetl-server": "server", "noetl-worker": "worker" };

/** The namespace of all of them. */
export const NAMESPACE = "noetl";

/** All components of a stack, in the order in which they move. */
export function componentsOf(config: PlatformConfig): Component[] {
  const {
    server,
    pythonServer,
    systemPool,
    workerPools,
    subscriptions,
    gateway,
    ollamaBridge,
    firestoreAgent,
    orchestrator,
  } = config;
  const deployment = (
    role: Role,
    name: string,
    container: string,
    path: Path,
    { image }: { image: string },
  ): Component => ({
    name,
    kind: "Deployment",
    role,
    container,
    path: [...path, "image"],
    image,
  });
  const one = deployment("server", server.name, "noetl-server", ["noetl:server"], server);
  return [
    { ...one, kind: server.replicas === 1 ? "Deployment" : "StatefulSet" },
    ...(pythonServer
      ? [deployment("server", "noetl-server", "noetl-server", ["noetl:pythonServer"], pythonServer)]
      : []),
    deployment("worker", systemPool.name, "worker", ["noetl:systemPool"], systemPool),
    ...workerPools.map((pool, index) => deployment("worker", pool.name, "worker", ["noetl:workerPools", index], pool)),
    ...subscriptions.map((subscription, index) =>
      deployment("worker", subscription.name, "subscription-runtime", ["noetl:subscriptions", index], subscription),
    ),
    ...(gateway ? [deployment("edge", gateway.name, "gateway", ["noetl:gateway"], gateway)] : []),
    ...(ollamaBridge
      ? [deployment("edge", "ollama-bridge", "ollama-bridge", ["noetl:ollamaBridge"], ollamaBridge)]
      : []),
    ...(orchestrator
      ? [
          {
            ...deployment("edge", "noetl-orchestrator", "orchestrator", ["noetl:orchestrator"], orchestrator),
            kind: orchestrator.surrealdb ? ("Deployment" as const) : ("StatefulSet" as const),
          },
        ]
      : []),
    ...(firestoreAgent
      ? [deployment("edge", "firestore-agent", "firestore-agent", ["noetl:firestoreAgent"], firestoreAgent)]
      : []),
  ];
}

/**
 * The components that are meant, in the order in which they move.
 *
 * @param wanted names of workloads, or `noetl-server` and `noetl-worker` for all of the role; none for all components
 * @throws UserError when a name is nobody's
 */
export function selectComponents(components: readonly Component[], wanted: readonly string[]): Component[] {
  if (wanted.length === 0) return [...components];
  const meant = wanted.map((name) => {
    const found = components.filter((component) => component.name === name);
    const named = found.length > 0 ? found : components.filter(({ role }) => role === ALIASES[name]);
    if (named.length === 0) throw unknown(name, components);
    return named;
  });
  const names = new Set(meant.flat().map(({ name }) => name));
  return components.filter(({ name }) => names.has(name));
}

function unknown(wanted: string, components: readonly Component[]): UserError {
  const names = [...new Set([...components.map(({ name }) => name), ...Object.keys(ALIASES)])];
  const meant = nearest(wanted, names);
  return new UserError(
    [
      `--deployment: this stack has no component '${wanted}'`,
      ...(meant === undefined ? [] : [`did you mean ${meant}?`]),
      `allowed: ${names.join(", ")}`,
    ].join("\n"),
  );
}
