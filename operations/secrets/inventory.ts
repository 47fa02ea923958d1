import { SECRET_NAMES, SECRETS, secretsAt, type SecretName, type SecretPlace } from "../../components/secrets/catalog";
import type { Platform } from "../../preview/checks";
import { secretKeys } from "../../preview/secret-keys";
import { workloadsOf, type Workload } from "../../preview/workloads";
import type { PlatformConfig } from "../../stacks/schema";
import { keptElsewhere } from "../../stacks/schema/rules/secret-provider";
import { readingOf } from "./held";

/** Where a value comes from: the stack file, the program, or the store of the secret provider. */
export type Source = "given" | "generated" | "store";

/** What happens to a workload when a secret that it reads is replaced. */
export type Effect = "restarts" | "reloads" | "runs again" | "goes on";

/** A workload that reads a secret. */
export interface Reader {
  /** `Kind namespace/name`. */
  workload: string;
  effect: Effect;
}

/** A secret of a stack. */
export interface SecretState {
  name: SecretName;
  title: string;
  form: string;
  source: Source;
  /** How often it has been replaced. */
  rotations: number;
  places: SecretPlace[];
  readers: Reader[];
}

/** The secrets that a stack has, in the order of the catalog. */
export function inventory({ graph, config }: Platform): SecretState[] {
  const keys = secretKeys(graph);
  const workloads = workloadsOf(graph);
  return SECRET_NAMES.filter((name) => isUsed(name, config)).map((name) => {
    const places = keys.filter((place) => secretsAt(place).includes(name));
    const readers = workloads.flatMap((workload): Reader[] => {
      const readings = new Set(places.map((place) => readingOf(workload, place)));
      const label = `${workload.kind} ${workload.namespace}/${workload.name}`;
      if (readings.has("environment")) return [{ workload: label, effect: ofEnvironment(workload) }];
      return readings.has("file") ? [{ workload: label, effect: ofFile(workload) }] : [];
    });
    const { title, form } = SECRETS[name];
    return {
      name,
      title,
      form,
      source: sourceOf(name, config),
      rotations: config.secrets.rotations[name] ?? 0,
      places: places.sort(by(({ namespace, secret, key }) => `${namespace}/${secret} ${key}`)),
      readers: readers.sort(by(({ workload }) => workload)),
    };
  });
}

/** PostgreSQL takes its administrator's password from its environment only when its volume is empty. */
function ofEnvironment({ kind, namespace, name }: Workload): Effect {
  if (kind === "Job") return "runs again";
  return namespace === "postgres" && name === "postgres" ? "goes on" : "restarts";
}

function ofFile({ containers }: Workload): Effect {
  return containers.some(({ name }) => name === "reloader") ? "reloads" : "restarts";
}

function isUsed(name: SecretName, { nats, natsSupercluster }: PlatformConfig): boolean {
  if (name === "natsClusterPassword") return nats.replicas > 1;
  if (name === "natsUsers") return nats.accounts.some(({ users }) => users.length > 0);
  if (name === "natsSupercluster") return natsSupercluster.topology !== "none";
  return true;
}

function sourceOf(name: SecretName, { secrets, secretProvider }: PlatformConfig): Source {
  if (keptElsewhere(secretProvider)) return "store";
  if (name === "natsSupercluster") return "generated";
  return secrets[name] === undefined ? "generated" : "given";
}

/** Resources register in no fixed order. */
function by<T>(textOf: (item: T) => string): (one: T, other: T) => number {
  return (one, other) => (textOf(one) < textOf(other) ? -1 : 1);
}
