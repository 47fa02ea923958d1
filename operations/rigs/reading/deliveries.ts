import type { Json } from "../../../preview/graph";
import { at, listOf, numberOf, objectOf, textOf } from "../../../preview/json";

/** Where a consumer is. */
export interface ConsumerPlace {
  account: string;
  stream: string;
  consumer: string;
}

/**
 * How often messages were delivered to a consumer since it was made, by what `/jsz?accounts=1&streams=1&consumers=1`
 * answers; undefined when the server knows no such consumer.
 */
export function deliveriesIn(jsz: Json, { account, stream, consumer }: ConsumerPlace): number | undefined {
  const found = named(
    at(named(at(named(at(jsz, "account_details"), account), "stream_detail"), stream), "consumer_detail"),
    consumer,
  );
  return numberOf(at(found, "delivered", "consumer_seq"));
}

function named(list: Json | undefined, name: string): Json | undefined {
  return listOf(list).find((entry) => textOf(objectOf(entry).name) === name);
}
