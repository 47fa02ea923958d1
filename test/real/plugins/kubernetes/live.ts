import { isDeepStrictEqual } from "node:util";
import type { KubeObject } from "../../support/objects";
import { isObject, marked, plain, secret, textOf, type Value, type Values } from "../values";

/**
 * @returns those fields of a live object that the inputs name, secret where the inputs are; and the object's uid.
 * What the API server or others added to the object is none of Pulumi's business.
 */
export function shownOf(object: KubeObject, inputs: Values): Values {
  const live = readable(object as unknown as Values);
  const shown = marked(selected(live, plain(inputs)) as Values, inputs);
  const { metadata } = shown;
  const outputs = { ...shown, metadata: { ...(isObject(metadata) ? metadata : {}), uid: object.metadata.uid ?? "" } };
  if (object.kind !== "Secret") return outputs;
  const parts = ["data", "stringData"].flatMap((name) => (name in shown ? [[name, secret(shown[name] ?? {})]] : []));
  return { ...outputs, ...(Object.fromEntries(parts) as Values) };
}

/**
 * @returns the inputs that a live object would have now: as they were where its outputs are as they were, even where
 * the API server writes a value in another way; the live value elsewhere.
 */
export function driftOf({ inputs, outputs: old }: { inputs: Values; outputs: Values }, outputs: Values): Values {
  return marked(drifted(plain(inputs), plain(old), plain(outputs)) as Values, inputs);
}

/** The API server keeps the `stringData` of a Secret in base64, under another name. */
function readable(object: Values): Values {
  if (object.kind !== "Secret" || !isObject(object.data)) return object;
  const texts = Object.entries(object.data).map(([name, value]) => [
    name,
    Buffer.from(textOf(value), "base64").toString("utf8"),
  ]);
  return { ...object, stringData: Object.fromEntries(texts) as Values };
}

function selected(live: Value, wanted: Value): Value {
  if (Array.isArray(live) && Array.isArray(wanted)) {
    return live.map((item, index) => {
      const like = wanted[index];
      return like === undefined ? item : selected(item, like);
    });
  }
  if (!isObject(live) || !isObject(wanted)) return live;
  const names = Object.keys(wanted).filter((name) => name in live);
  return Object.fromEntries(names.map((name) => [name, selected(live[name] ?? null, wanted[name] ?? null)]));
}

function drifted(input: Value, old: Value | undefined, now: Value | undefined): Value {
  if (isDeepStrictEqual(old, now)) return input;
  if (isObject(input) && isObject(old) && isObject(now)) {
    const kept = Object.keys(input).filter((name) => name in now || !(name in old));
    return Object.fromEntries(kept.map((name) => [name, drifted(input[name] ?? null, old[name], now[name])]));
  }
  return now ?? input;
}
