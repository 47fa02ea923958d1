import { createHmac, randomBytes } from "node:crypto";
import type { Json } from "../../preview/graph";
import { isObject, objectOf, textOf } from "../../preview/json";

/** Tells values apart within one run; nobody can try out values against it later. */
const KEY = randomBytes(16);

/** What is shown of a value that may be secret. */
export function fingerprint(value: Json): string {
  return `fingerprint ${createHmac("sha256", KEY).update(JSON.stringify(value)).digest("hex").slice(0, 8)}`;
}

/** Below these keys people put passwords in plain text. */
const MAY_BE_SECRET = new Set(["env", "data", "stringData", "args", "command", "annotations"]);

/** Keys of custom resources, of which nobody knows the fields, that sound like a secret: not what only names or refers to one. */
const SOUNDS_SECRET =
  /(pass|pwd|secret|token|credential|auth|api-?key|private|signing|encryption|dsn|connection|webhook|sasl|cert|seed|nkey)/i;
const REFERS = /(name|names|ref|refs|namespace|path|file|url|kind|mode|type|enabled)$/i;

/** A user with a password, in a URL or without one; a private key. */
const IS_SECRET = /[^\s/:@]+:[^\s/@]+@|-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** Groups of Kubernetes itself. */
const BUILT_IN =
  /^(v1$|(apps|batch|autoscaling|policy|(networking|rbac\.authorization|storage|scheduling|admissionregistration|apiextensions|apiregistration)\.k8s\.io)\/)/;

/** The live object with a fingerprint for each text that may be secret, and that the program does not have itself. */
export function masked(live: Json, program: Json | undefined): Json {
  const isCustom = !BUILT_IN.test(textOf(objectOf(live).apiVersion) ?? "");
  const soundsSecret = (key: string): boolean => isCustom && SOUNDS_SECRET.test(key) && !REFERS.test(key);
  const mask = (value: Json, other: Json | undefined, secret: boolean): Json => {
    if (typeof value === "string") {
      return (secret || IS_SECRET.test(value)) && value !== other ? fingerprint(value) : value;
    }
    if (Array.isArray(value)) return value.map((item, index) => mask(item, counterpart(item, index, other), secret));
    if (!isObject(value)) return value;
    // `{ name: password, value: … }` is a secret by its name.
    const isNamed = soundsSecret(textOf(value.name) ?? "");
    const entries = Object.entries(value).map(([key, item]): [string, Json] => {
      const isName = key === "name" && (secret || isNamed);
      const below = secret || isNamed || MAY_BE_SECRET.has(key) || soundsSecret(key);
      return [key, isName ? item : mask(item, objectOf(other)[key], below)];
    });
    return Object.fromEntries(entries);
  };
  return mask(live, program, false);
}

/** The same item in another list: by its name, else by its place. */
export function counterpart(item: Json, index: number, list: Json | undefined): Json | undefined {
  const others = Array.isArray(list) ? list : [];
  const { name } = objectOf(item);
  return name === undefined ? others[index] : others.find((other) => objectOf(other).name === name);
}
