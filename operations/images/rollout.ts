import type { Json } from "../../preview/graph";
import { at, type JsonObject, listOf, numberOf, objectOf, textOf } from "../../preview/json";
import type { Component } from "./components";

/** How far the pods of a workload are. */
export interface Progress {
  /** Pods that are to be there. */
  wanted: number;
  /** Pods of the newest template, and pods of an earlier one. */
  updated: number;
  old: number;
  /** Pods of any template that are ready. */
  ready: number;
  /** Whether every pod is of the newest template and ready, and none of another is left. */
  done: boolean;
  /** Why it will not go on by itself, in Kubernetes' own words. */
  stuck?: string;
}

/** Image of the container of a component that a workload runs; undefined where it has no such container. */
export function imageOf(workload: Json, { container }: Pick<Component, "container">): string | undefined {
  const containers = listOf(at(workload, "spec", "template", "spec", "containers")).map(objectOf);
  return textOf(containers.find(({ name }) => name === container)?.image);
}

/** Reads how far a rollout is from a Deployment or a StatefulSet. */
export function progressOf(workload: JsonObject): Progress {
  const status = objectOf(workload.status);
  const count = (name: string): number => numberOf(status[name]) ?? 0;
  const wanted = numberOf(at(workload, "spec", "replicas")) ?? 1;
  const isSeen = count("observedGeneration") >= (numberOf(at(workload, "metadata", "generation")) ?? 0);
  const conditions = listOf(status.conditions).map(objectOf);
  const stuck = conditions.find(
    ({ type, status: value, reason }) =>
      (type === "ReplicaFailure" && value === "True") ||
      (type === "Progressing" && value === "False" && reason === "ProgressDeadlineExceeded"),
  );
  const isSet = workload.kind === "StatefulSet";
  const updated = isSet && status.updateRevision === undefined ? 0 : count("updatedReplicas");
  const total = count("replicas");
  const ready = count("readyReplicas");
  const available = count("availableReplicas");
  const isNewest = isSet ? status.currentRevision === status.updateRevision : true;
  return {
    wanted,
    updated: isSeen ? updated : 0,
    old: isSeen ? total - updated : total,
    ready,
    done: isSeen && isNewest && updated === wanted && total === wanted && ready === wanted && available === wanted,
    ...(isSeen && stuck !== undefined && { stuck: textOf(stuck.message) ?? textOf(stuck.reason) ?? "it is stuck" }),
  };
}
