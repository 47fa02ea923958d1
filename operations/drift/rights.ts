import { objectOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Planned } from "../adopt/objects";
import { type ClusterApi, RightMissing } from "../cluster/api";

/** What is asked of the objects of a kind, and where. */
interface Need {
  group: string;
  resource: string;
  namespace?: string;
  verb: string;
}

/**
 * Does something with the objects of a program; where a right is missing, asks the API server for all that are.
 *
 * @throws UserError with every missing right at once
 */
export async function withRights<T>(planned: readonly Planned[], api: ClusterApi, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof RightMissing)) throw error;
    const missing = await missingRights(planned, api);
    if (missing.length === 0) throw error;
    throw new UserError(
      `rights are missing in the cluster:\n${missing.map((line) => `  ${line}\n`).join("")}next: bind a role with them to who asks: kubectl auth whoami`,
    );
  }
}

/** `list, patch deployments.apps in nats, noetl`. */
async function missingRights(planned: readonly Planned[], api: ClusterApi): Promise<string[]> {
  const needs = await needsOf(planned, api);
  const denied = await Promise.all(needs.map(async (need) => ((await isAllowed(need, api)) ? [] : [need])));
  const byResource = new Map<string, { verbs: Set<string>; namespaces: Set<string> }>();
  for (const { group, resource, namespace, verb } of denied.flat()) {
    const name = group === "" ? resource : `${resource}.${group}`;
    const found = byResource.get(name) ?? { verbs: new Set(), namespaces: new Set() };
    found.verbs.add(verb);
    if (namespace !== undefined) found.namespaces.add(namespace);
    byResource.set(name, found);
  }
  return [...byResource]
    .map(([name, { verbs, namespaces }]) => {
      const places = namespaces.size === 0 ? "" : ` in ${[...namespaces].sort().join(", ")}`;
      return `${[...verbs].join(", ")} ${name}${places}`;
    })
    .sort();
}

async function needsOf(planned: readonly Planned[], api: ClusterApi): Promise<Need[]> {
  const kinds = new Map(
    planned.map(({ manifest: { apiVersion, kind, metadata } }) => [
      `${apiVersion} ${kind} ${metadata.namespace ?? ""}`,
      { apiVersion, kind, namespace: metadata.namespace },
    ]),
  );
  const needs = [...kinds.values()].map(async ({ apiVersion, kind, namespace }): Promise<Need[]> => {
    const path = await api.pathOf(apiVersion, kind);
    if (path === undefined) return [];
    const group = apiVersion.includes("/") ? (apiVersion.split("/")[0] ?? "") : "";
    const resource = path.slice(path.lastIndexOf("/") + 1);
    const verbs = [namespace === undefined ? "get" : "list", "patch"];
    return verbs.map((verb) => ({ group, resource, verb, ...(namespace !== undefined && { namespace }) }));
  });
  return (await Promise.all(needs)).flat();
}

/** Asks the API server, which every user may; it makes nothing. */
async function isAllowed(resourceAttributes: Need, api: ClusterApi): Promise<boolean> {
  const { body } = await api.send("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: { ...resourceAttributes } },
  });
  return objectOf(body.status).allowed !== false;
}
