import { labels } from "../kubernetes/labels";
import type { NatsFacts } from "./facts";

/** Metadata of an object of the cluster. */
export function metadata(facts: NatsFacts, name: string) {
  return { name, namespace: facts.namespace.created, labels: natsLabels(facts) };
}

/** Labels of all objects and of the pods. */
export function natsLabels({ name, labels: extra }: NatsFacts): Record<string, string> {
  return labels({ app: name, component: "messaging", ...(extra && { extra }) });
}
