import { manifestOf, type Manifest, type Resource } from "../graph";
import { at, isObject, listOf, numberOf, objectOf, textOf, type JsonObject } from "../json";
import { keyOf, title, type Check, type CheckContext, type Finding } from "./check";

/** A ScaledObject or HorizontalPodAutoscaler, and the workload it names. */
interface Scaler {
  resource: Resource;
  manifest: Manifest;
  /** `NAMESPACE/KIND/NAME`. */
  target: string;
}

/**
 * Two scalers of one workload pull it to and fro, KEDA's webhook refuses the second, and a number of pods in the
 * manifest is what every update goes back to. A trigger that names a Service without an address of its own for each
 * server reads the lag from a server that may not know it.
 *
 * @see https://keda.sh/docs/latest/scalers/nats-jetstream/
 */
export const scalers: Check = {
  id: "scalers",
  title: "Each scaler has a workload of its own that says no number of pods, and asks NATS behind a headless Service.",
  run: (context) => {
    const all = scalersOf(context);
    return [...targetFindings(all, context), ...all.flatMap((scaler) => triggerFindings(scaler, context))];
  },
};

function scalersOf({ graph }: CheckContext): Scaler[] {
  return graph.resources.flatMap((resource) => {
    const manifest = manifestOf(resource);
    if (manifest?.kind !== "ScaledObject" && manifest?.kind !== "HorizontalPodAutoscaler") return [];
    const target = objectOf(at(manifest.spec, "scaleTargetRef"));
    const { namespace = "default" } = manifest.metadata;
    const name = `${namespace}/${textOf(target.kind) ?? "Deployment"}/${textOf(target.name) ?? ""}`;
    return [{ resource, manifest, target: name }];
  });
}

function targetFindings(all: Scaler[], { workloads, config }: CheckContext): Finding[] {
  const first = new Map<string, Scaler>();
  return all.flatMap((scaler): Finding[] => {
    const finding = (message: string, fix: string): Finding => ({
      severity: "error",
      rule: scalers.id,
      resource: scaler.resource.urn,
      message,
      fix,
    });
    const other = first.get(scaler.target);
    const [, kind = "", name = ""] = scaler.target.split("/");
    if (other !== undefined) {
      const message = `${nameOf(other)} scales ${kind} ${name} already: each would undo what the other does`;
      return [finding(message, `leave one of them; to watch several consumers, name them in one scaling.consumers`)];
    }
    first.set(scaler.target, scaler);
    const workload = workloads.find((one) => `${one.namespace}/${one.kind}/${one.name}` === scaler.target);
    if (!workload) {
      return [finding(`there is no ${kind} ${name} in its namespace to scale`, "name a workload of this program")];
    }
    const replicas = numberOf(at(workload.manifest.spec, "replicas"));
    if (replicas === undefined) return [];
    const message = `${title(workload)} says replicas ${replicas}: every update would go back to it`;
    return [finding(message, `leave ${keyOf(workload, config)}.replicas out`)];
  });
}

function triggerFindings({ resource, manifest }: Scaler, context: CheckContext): Finding[] {
  const triggers = listOf(at(manifest.spec, "triggers")).filter(isObject);
  return triggers.flatMap((trigger, index) => {
    if (trigger.type !== "nats-jetstream") return [];
    return triggerProblems(objectOf(trigger.metadata), context).map(([message, fix]): Finding => ({
      severity: "error",
      rule: scalers.id,
      resource: resource.urn,
      message: `trigger ${index}: ${message}`,
      fix,
    }));
  });
}

function triggerProblems(metadata: JsonObject, context: CheckContext): [message: string, fix: string][] {
  const problems = Object.entries(metadata)
    .filter(([, value]) => typeof value !== "string")
    .map(([key, value]): [string, string] => [
      `${key} is ${JSON.stringify(value)}, and KEDA takes text only`,
      `write it in quotes`,
    ]);
  const endpoint = textOf(metadata.natsServerMonitoringEndpoint) ?? "";
  const [service = "", namespace = ""] = endpoint.split(":", 1)[0]?.split(".") ?? [];
  const found = serviceOf(context, namespace, service);
  if (found === undefined) {
    problems.push([
      `there is no Service ${service} in namespace ${namespace} (${endpoint})`,
      "use the connection of NATS",
    ]);
  } else if (at(found.spec, "clusterIP") !== "None") {
    problems.push([
      `Service ${service} is not headless: it leads to any server, and only the leader of the consumer knows its lag`,
      "use the connection of NATS, whose monitoringEndpoint is the headless Service",
    ]);
  }
  return problems;
}

function serviceOf({ graph }: CheckContext, namespace: string, name: string): Manifest | undefined {
  return graph.resources
    .map(manifestOf)
    .find(
      (manifest) =>
        manifest?.kind === "Service" && manifest.metadata.namespace === namespace && manifest.metadata.name === name,
    );
}

function nameOf({ manifest }: Scaler): string {
  return `${manifest.kind} ${manifest.metadata.name}`;
}
