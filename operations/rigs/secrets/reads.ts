import type { Json } from "../../../preview/graph";
import { referencesOf } from "../../../preview/checks/secret-references";
import { at, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";
import { workloadOf, type Workload } from "../../../preview/workloads";
import type { Evidence } from "../rig";

/** A key of a Secret, or all of it, that pods read. */
export interface Read {
  /** `Deployment noetl/noetl-gateway`. */
  reader: string;
  /** `container 'gateway', env NATS_PASSWORD,`, and where else. */
  by: string[];
  namespace: string;
  secret: string;
  /** Default: all of it. */
  key?: string;
}

/** Annotation of a Secret that somebody has made as a stand-in for one that was to come. */
const PLACEHOLDER = "noetl.io/placeholder";

/** What the pods of a workload read, each key once. @param live the object as the cluster has it */
export function readsOf(live: JsonObject): Read[] {
  const workload = toWorkload(live);
  if (workload === undefined) return [];
  const reader = `${workload.kind} ${workload.namespace}/${workload.name}`;
  const reads = new Map<string, Read>();
  for (const { by, secret, key } of referencesOf(workload)) {
    const place = `${secret} ${key ?? ""}`;
    const known = reads.get(place);
    if (known) known.by.push(by);
    else
      reads.set(place, { reader, by: [by], namespace: workload.namespace, secret, ...(key !== undefined && { key }) });
  }
  return [...reads.values()];
}

function toWorkload(live: JsonObject): Workload | undefined {
  return workloadOf({
    urn: "",
    type: `kubernetes:${textOf(live.apiVersion) ?? ""}:${textOf(live.kind) ?? ""}`,
    name: textOf(at(live, "metadata", "name")) ?? "",
    dependencies: [],
    custom: true,
    protect: false,
    retainOnDelete: false,
    inputs: live,
  });
}

/** Whether a key is there, with a value that is not empty. @param secret the Secret as the cluster has it */
export function readEvidence(
  { reader, by, namespace, secret: name, key }: Read,
  secret: JsonObject | undefined,
): Evidence {
  const data = objectOf(secret?.data);
  const keys = Object.keys(data);
  const what = `Secret ${namespace}/${name}${key === undefined ? "" : `, key ${key}`}, for ${reader}`;
  const expected = key === undefined ? "there, with values" : "there, with a value";
  const problem = problemOf();
  return {
    what,
    expected,
    seen: problem === undefined ? expected : `${problem}; read by ${by.join(" ")}`,
    ok: problem === undefined,
  };

  function problemOf(): string | undefined {
    if (secret === undefined) return "there is no such Secret";
    if (at(secret, "metadata", "annotations", PLACEHOLDER) === "true")
      return "it is a stand-in: its value was never set";
    if (key !== undefined && !(key in data)) return `it has no such key; it has: ${keys.join(", ") || "none"}`;
    const empty = (key === undefined ? keys : [key]).filter((each) => textOf(data[each]) === "");
    return empty.length === 0 ? undefined : `without a value: ${empty.join(", ")}`;
  }
}

/** Reasons by which the kubelet says that a container waits for a Secret. */
const WAITING = new Set(["CreateContainerConfigError", "ImagePullBackOff", "ErrImagePull"]);

/** Whether any pod of a workload waits for what it cannot have. */
export function waitingEvidence(reader: string, pods: readonly JsonObject[]): Evidence {
  const waiting = pods.flatMap((pod) => {
    const name = textOf(at(pod, "metadata", "name")) ?? "";
    const lists = [listOf(at(pod, "status", "initContainerStatuses")), listOf(at(pod, "status", "containerStatuses"))];
    return lists.flat().flatMap((status: Json) => {
      const reason = textOf(at(status, "state", "waiting", "reason")) ?? "";
      return WAITING.has(reason) ? [`${name}: ${reason}`] : [];
    });
  });
  return {
    what: `pods of ${reader}`,
    expected: "none waits for a Secret",
    seen: waiting.length === 0 ? "none waits for a Secret" : waiting.join(", "),
    ok: waiting.length === 0,
  };
}
