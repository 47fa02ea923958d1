import { at, type JsonObject, listOf, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { ClusterApi } from "../cluster/api";
import type { Component } from "./components";
import { type NodeFacts, nodeFacts } from "./nodes";
import { podState, type PodState } from "./pods";

/** Something that must be allowed. */
export interface Right {
  verb: "get" | "list" | "patch" | "delete";
  group: "" | "apps";
  resource: string;
  subresource?: string;
}

/** Name under which changes are made. */
const MANAGER = "noetl-ops-bump-image";

/** Lines of a log that tell why a container ended. */
const LOG_LINES = 5;

/** The part of a cluster in which images are moved. */
export class LiveNamespace {
  constructor(
    private readonly api: ClusterApi,
    readonly namespace: string,
  ) {}

  /** Those of some rights that are missing. */
  async missing(rights: readonly Right[]): Promise<Right[]> {
    const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    const answers = await Promise.all(
      rights.map(async ({ verb, group, resource, subresource }) => {
        const isNode = resource === "nodes";
        const resourceAttributes = {
          verb,
          group,
          resource,
          ...(subresource !== undefined && { subresource }),
          ...(!isNode && { namespace: this.namespace }),
        };
        const review = { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview" };
        const { body } = await this.api.send("POST", path, { ...review, spec: { resourceAttributes } });
        return at(body, "status", "allowed") === true;
      }),
    );
    return rights.filter((_, index) => answers[index] === false);
  }

  /** The workload of a component as it is; undefined when there is none. */
  async workload(component: Pick<Component, "kind" | "name">): Promise<JsonObject | undefined> {
    const { status, body } = await this.api.send("GET", this.pathOf(component));
    if (status === 404) return undefined;
    return this.answered(status, body, component.name);
  }

  /** Nodes on which pods can be put. */
  async nodes(): Promise<NodeFacts[]> {
    const { status, body } = await this.api.send("GET", "/api/v1/nodes");
    const nodes = listOf(this.answered(status, body, "nodes").items).map(objectOf);
    return nodes.filter((node) => at(node, "spec", "unschedulable") !== true).map(nodeFacts);
  }

  /** Pods that a workload has now; none that are on their way out. */
  async pods(workload: JsonObject, container: string): Promise<PodState[]> {
    const labels = Object.entries(objectOf(at(workload, "spec", "selector", "matchLabels")));
    const selector = encodeURIComponent(labels.map(([name, value]) => `${name}=${textOf(value) ?? ""}`).join(","));
    const { status, body } = await this.api.send("GET", `${this.root}/pods?labelSelector=${selector}`);
    const pods = listOf(this.answered(status, body, "pods").items).map(objectOf);
    return pods
      .filter((pod) => at(pod, "metadata", "deletionTimestamp") === undefined)
      .map((pod) => podState(pod, container));
  }

  /** The last lines that a container said before it ended; none when nobody has them, or may tell. */
  async lastWords(pod: string, container: string): Promise<string[]> {
    const query = `container=${encodeURIComponent(container)}&previous=true&tailLines=${LOG_LINES}&limitBytes=4096`;
    try {
      const { status, text } = await this.api.send("GET", `${this.root}/pods/${pod}/log?${query}`);
      return status === 200 && text !== "" ? text.trimEnd().split("\n").map(withoutPasswords) : [];
    } catch (error) {
      if (error instanceof UserError) return [];
      throw error;
    }
  }

  /** Sets the image of the container of a component, as `kubectl set image` does. */
  async setImage(component: Component, image: string): Promise<void> {
    const path = this.pathOf(component);
    const patch = { spec: { template: { spec: { containers: [{ name: component.container, image }] } } } };
    const { status, body } = await this.api.send("PATCH", `${path}?fieldManager=${MANAGER}`, patch, "strategic-merge");
    await this.disown(component, this.answered(status, body, component.name));
  }

  /**
   * Gives up the image that {@link setImage} has set: it belongs to whoever applies it next. Otherwise the next update of
   * Pulumi would be refused for a conflict.
   */
  async disown(component: Component, workload: JsonObject, tries = 5): Promise<void> {
    const index = holding(workload);
    if (index < 0) return;
    const path = `/metadata/managedFields/${index}`;
    const patch: JsonObject[] = [
      { op: "test", path: `${path}/manager`, value: MANAGER },
      { op: "remove", path },
    ];
    const { status, body } = await this.api.send("PATCH", this.pathOf(component), patch, "json-patch");
    // Somebody else has changed it meanwhile, so that its place is another one.
    if (status === 422 && tries > 1) await this.disown(component, (await this.workload(component)) ?? {}, tries - 1);
    else this.answered(status, body, component.name);
  }

  /** Deletes a pod, so that its workload makes it anew. */
  async deletePod(name: string): Promise<void> {
    const { status, body } = await this.api.send("DELETE", `${this.root}/pods/${name}`);
    if (status !== 404) this.answered(status, body, name);
  }

  private get root(): string {
    return `/api/v1/namespaces/${this.namespace}`;
  }

  private pathOf({ kind, name }: Pick<Component, "kind" | "name">): string {
    return `/apis/apps/v1/namespaces/${this.namespace}/${kind.toLowerCase()}s/${name}`;
  }

  private answered(status: number, body: JsonObject, what: string): JsonObject {
    if (status < 300) return body;
    throw new UserError(`the API server answers ${status} for ${what}: ${textOf(body.message) ?? "without a reason"}`);
  }
}

/** Whether a run that was killed between two requests has left the image its own. */
export function isHeld(workload: JsonObject): boolean {
  return holding(workload) >= 0;
}

function holding(workload: JsonObject): number {
  const fields = listOf(at(workload, "metadata", "managedFields")).map(objectOf);
  return fields.findIndex(({ manager }) => manager === MANAGER);
}

/** As people read it: `patch deployments.apps in namespace noetl`. */
export function formatRight({ verb, group, resource, subresource }: Right, namespace: string): string {
  const name = `${resource}${subresource === undefined ? "" : `/${subresource}`}${group === "" ? "" : `.${group}`}`;
  return `${verb} ${name}${resource === "nodes" ? "" : ` in namespace ${namespace}`}`;
}

/** A log may hold the URL of a database. */
function withoutPasswords(line: string): string {
  return line.replaceAll(/(\w:\/\/[^\s:@/]*):[^\s@]+@/g, "$1:…@");
}
