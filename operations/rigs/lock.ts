import { at, type JsonObject, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Changes } from "./changes";
import type { Owner } from "./journal";
import { formatRef, type ObjectRef } from "./objects";
import type { Reach } from "./reach";

/** The object by which two people do not run rigs at once in one namespace. */
function lockRef(namespace: string): ObjectRef {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", name: "noetl-ops-verify", namespace };
}

/** @throws UserError when somebody holds the lock: who, since when, and what to do */
export async function refuseLocked(reach: Reach, namespace: string): Promise<void> {
  const ref = lockRef(namespace);
  const held = await reach.read(ref);
  if (held === undefined) return;
  const holder = textOf(at(held, "spec", "holderIdentity")) ?? "somebody";
  const since = textOf(at(held, "spec", "acquireTime")) ?? "an unknown time";
  throw new UserError(
    [
      `another run is under way in namespace ${namespace}: ${holder}, since ${since} (${formatRef(ref)})`,
      "next: wait until it ends; if it was killed, run noetl-ops verify --revert where it ran;",
      `      if that machine is gone: kubectl -n ${namespace} delete lease ${ref.name}`,
    ].join("\n"),
  );
}

/** Takes the lock, as a change like any other. */
export async function takeLock(change: Changes, { rig, pid, host, started, namespace }: Owner): Promise<void> {
  const { apiVersion, kind, name } = lockRef(namespace);
  const spec: JsonObject = {
    holderIdentity: `rig ${rig}, process ${pid} on ${host}`,
    acquireTime: started.replace(/(\.\d{3})?Z$/, (_, fraction = ".000") => `${fraction}000Z`),
  };
  await change.create({ apiVersion, kind, metadata: { name, namespace }, spec });
}
