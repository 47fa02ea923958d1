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

/** Keeps the keys of a Secret's data: they are no secrets, and they tell a reader what is in it. */
function onlyKeys(data: Json): Json {
  if (!isObject(data)) return SECRET;
  const plain = isMarked(data) ? (data.value ?? null) : data;
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
