import { at, isObject, type JsonObject, listOf, numberOf, textOf } from "../../../preview/json";
import { jetStream, type Nats } from "../nats";
import type { ScaledPool } from "./scaled";

/** What KEDA counts of a consumer: messages that wait, and those that are with a client. */
export async function lagOf(
  nats: Nats,
  { stream, consumer }: Pick<ScaledPool, "stream" | "consumer">,
): Promise<number> {
  const info = await jetStream(nats, `CONSUMER.INFO.${stream}.${consumer}`);
  return (numberOf(info.num_pending) ?? 0) + (numberOf(info.num_ack_pending) ?? 0);
}

/** The other consumers of a stream, and what they take; without a filter, everything. */
export async function otherConsumers(
  nats: Nats,
  { stream, consumer }: Pick<ScaledPool, "stream" | "consumer">,
): Promise<{ name: string; filters: string[] }[]> {
  const found: JsonObject[] = [];
  for (;;) {
    const page = await jetStream(nats, `CONSUMER.LIST.${stream}`, { offset: found.length });
    const consumers = listOf(page.consumers).filter(isObject);
    found.push(...consumers);
    if (consumers.length === 0 || found.length >= (numberOf(page.total) ?? 0)) break;
  }
  return found
    .map((info) => ({
      name: textOf(info.name) ?? "",
      filters: [at(info, "config", "filter_subject"), ...listOf(at(info, "config", "filter_subjects"))].flatMap(
        (filter) => textOf(filter) ?? [],
      ),
    }))
    .filter(({ name }) => name !== consumer);
}
