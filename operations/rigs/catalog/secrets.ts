import { manifestOf } from "../../../preview/graph";
import { at, type JsonObject, objectOf } from "../../../preview/json";
import { workloadsOf } from "../../../preview/workloads";
import type { RigContext } from "../context";
import { answered, type ObjectRef, refOf } from "../objects";
import type { Platform } from "../platform";
import type { Evidence, Rig, Step } from "../rig";
import { accessesOf, accessEvidence, reviewOf } from "../secrets/access";
import { makerEvidence, makersOf } from "../secrets/makers";
import { natsLogins } from "../secrets/nats-logins";
import { postgresLogins } from "../secrets/postgres-logins";
import { readEvidence, readsOf, waitingEvidence } from "../secrets/reads";
import { tokenEvidence } from "../secrets/token";

export const secrets: Rig = {
  name: "secrets",
  summary: "each Secret that a pod reads is there, and each login in them works",
  proves: [
    "Each Secret and key that a pod of the platform reads exists and has a value; no pod waits for one",
    "What brings values into Secrets (SecretSync, ExternalSecret, Certificate) says that they are up to date",
    "Accounts whose pods ask the API server for Secrets may read just those that they are granted, and no other account may",
    "The users of NATS and PostgreSQL log in, and the internal API takes its token; another password and another token are refused",
  ],
  changes: [],
  needs: ({ server }: Platform) => [{ object: server.ref }],
  steps: (platform: Platform): Step[] => [
    looking("Secrets that pods read", (context) => reads(context)),
    looking("what brings values into Secrets", async ({ reach }) =>
      Promise.all(makersOf(platform.graph).map(async (ref) => makerEvidence(ref, await reach.read(ref)))),
    ),
    looking("who may read Secrets", ({ reach }) =>
      Promise.all(
        accessesOf(platform.graph).map(async (access) => {
          const path = (await reach.api.pathOf("authorization.k8s.io/v1", "SubjectAccessReview")) ?? "";
          const answer = answered(await reach.api.send("POST", path, reviewOf(access)), "a SubjectAccessReview");
          return accessEvidence(access, answer);
        }),
      ),
    ),
    looking("logins of NATS", natsLogins),
    looking("logins of PostgreSQL", postgresLogins),
    looking("the token of the internal API", tokenEvidence),
  ],
};

function looking(title: string, look: (context: RigContext) => Promise<Evidence[]>): Step {
  return {
    phase: "assert",
    title,
    run: async (context) => {
      for (const { what, expected, seen, ok } of await look(context)) context.expect(what, expected, seen, ok);
    },
  };
}

/** What each workload reads, as the cluster has it; a Job that has ended and is gone, as the stack has it. */
async function reads({ reach, platform }: RigContext): Promise<Evidence[]> {
  const evidence: Evidence[] = [];
  const known = new Map<string, JsonObject | undefined>();
  for (const { resource, kind, transient, namespace, name } of workloadsOf(platform.graph)) {
    const rendered = manifestOf(resource);
    if (rendered === undefined) continue;
    const live = await reach.read(refOf(rendered));
    if (live === undefined && !transient) {
      evidence.push({ what: `${kind} ${namespace}/${name}`, expected: "there", seen: "it is not there", ok: false });
      continue;
    }
    for (const read of readsOf(live ?? rendered)) {
      const ref: ObjectRef = { apiVersion: "v1", kind: "Secret", name: read.secret, namespace };
      if (!known.has(`${namespace}/${read.secret}`)) known.set(`${namespace}/${read.secret}`, await reach.read(ref));
      evidence.push(readEvidence(read, known.get(`${namespace}/${read.secret}`)));
    }
    const labels = objectOf(at(live, "spec", "selector", "matchLabels")) as Record<string, string>;
    if (Object.keys(labels).length > 0) {
      evidence.push(waitingEvidence(`${kind} ${namespace}/${name}`, await reach.pods(namespace, labels)));
    }
  }
  return evidence;
}
