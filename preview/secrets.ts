import { childPath } from "./field-changes";
import { SECRET, type Json } from "./graph";

/** The keys that mark a secret between SDK and engine (sdk/nodejs/runtime/rpc.ts of Pulumi). */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/** A value as the engine hands out a secret. */
export function markSecret(value: Json): Json {
  return { [SIGNATURE_KEY]: SECRET_SIGNATURE, value };
}

/**
 * A copy of a resource's inputs in which every value marked as secret is {@link SECRET}; so is all that Kubernetes keeps
 * in a Secret object, marked or not.
 */
export function withoutSecrets(inputs: Record<string, Json>): Record<string, Json> {
  const isSecretObject = inputs.kind === "Secret" && inputs.apiVersion === "v1";
  const copy: Record<string, Json> = {};
  for (const [key, value] of Object.entries(inputs)) {
    copy[key] = isSecretObject && (key === "data" || key === "stringData") ? onlyKeys(value) : withoutSecret(value);
  }
  return copy;
}

/**
 * A fingerprint of every value that {@link withoutSecrets} hides, by its path.
 *
 * @param fingerprint Makes one of a value.
 */
export function secretFingerprints(
  inputs: Record<string, Json>,
  fingerprint: (value: Json) => string,
): Record<string, string> {
  const isSecretObject = inputs.kind === "Secret" && inputs.apiVersion === "v1";
  const found: Record<string, string> = {};
  const collect = (value: Json, path: string): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) collect(item, `${path}[${index}]`);
    } else if (!isObject(value)) return;
    else if (isMarked(value)) found[path] = fingerprint(value.value ?? null);
    else for (const [key, item] of Object.entries(value)) collect(item, childPath(path, key));
  };
  for (const [key, value] of Object.entries(inputs)) {
    if (!isSecretObject || (key !== "data" && key !== "stringData")) {
      collect(value, key);
      continue;
    }
    const plain = unmarked(value);
    if (!isObject(plain)) found[key] = fingerprint(plain);
    else for (const [name, item] of Object.entries(plain)) found[childPath(key, name)] = fingerprint(unmarked(item));
  }
  return found;
}

function unmarked(value: Json): Json {
  return isObject(value) && isMarked(value) ? (value.value ?? null) : value;
}

/** Keeps the keys of a Secret's data: they are no secrets, and they tell a reader what is in it. */
function onlyKeys(data: Json): Json {
  if (!isObject(data)) return SECRET;
  const plain = unmarked(data);
  return isObject(plain) ? Object.fromEntries(Object.keys(plain).map((key) => [key, SECRET])) : SECRET;
}

function withoutSecret(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => withoutSecret(item));
  if (!isObject(value)) return value;
  if (isMarked(value)) return SECRET;
  const copy: Record<string, Json> = {};
  for (const [key, item] of Object.entries(value)) copy[key] = withoutSecret(item);
  return copy;
}

function isObject(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isMarked(value: Record<string, Json>): boolean {
  return value[SIGNATURE_KEY] === SECRET_SIGNATURE;
}
