import { ROTATIONS_ANNOTATION } from "../../stacks/rotations";
import { manifestOf, SECRET, type ResourceGraph } from "../graph";
import { listOf, objectOf, textOf, type JsonObject } from "../json";
import type { Workload } from "../workloads";
import type { Policy, PolicyContext } from "./policy";

/** Also where a secret of the program stands in the open: it is known by the mark that Pulumi gives it. */
export const plaintextSecrets: Policy = {
  id: "plaintext-secrets",
  title: "No secret stands in plain text in environment, ConfigMap, arguments or annotations.",
  reason:
    "A secret in a manifest's plain text is readable by everybody who may read pods or ConfigMaps, and stays in every copy of the state.",
  severity: "error",
  fix: "put the value into noetl:secrets (pulumi config set --secret --path), and let the pod read it by secretKeyRef or from a mounted Secret",
  find: (context) =>
    places(context).map(({ resource, where, reason }) => ({ resource, message: `${where} ${reason}` })),
};

interface Place {
  resource: string;
  where: string;
  reason: string;
}

/** Tells why a text must not stand in the open; undefined when nothing speaks against it. */
type Judge = (name: string | undefined, text: string) => string | undefined;

/** Looks at a text, and at the name it has there. */
type Look = (resource: string, where: string, name: string | undefined, text: string | undefined) => void;

function places({ graph, workloads }: PolicyContext): Place[] {
  const judge = judgeFor(secretNames(graph));
  const found: Place[] = [];
  const look: Look = (resource, where, name, text) => {
    const reason = text?.includes(SECRET) ? "holds a secret of the program" : text && judge(name, text);
    if (reason) found.push({ resource, where, reason });
  };
  // A fingerprint of a secret is marked as one, too, and tells nothing of it.
  const lookAtAnnotation: Look = (resource, where, name, text) => {
    if (text?.includes(SECRET) !== true && name !== ROTATIONS_ANNOTATION) look(resource, where, name, text);
  };
  for (const workload of workloads) {
    lookAtPods(workload, look);
    for (const [key, text] of entries(workload.podAnnotations))
      lookAtAnnotation(workload.resource.urn, `pod annotation ${key}`, key, text);
  }
  for (const resource of graph.resources) {
    const manifest = manifestOf(resource);
    if (!manifest) continue;
    for (const [key, text] of entries(manifest.metadata.annotations))
      lookAtAnnotation(resource.urn, `annotation ${key}`, key, text);
    if (manifest.kind !== "ConfigMap") continue;
    for (const [key, text] of entries(manifest.data)) look(resource.urn, `key ${key}`, key, text);
  }
  return found;
}

function lookAtPods({ resource, initContainers, containers }: Workload, look: Look): void {
  for (const container of [...initContainers, ...containers]) {
    const of = `of container '${container.name}'`;
    for (const { name, value } of container.env) look(resource.urn, `variable ${name} ${of}`, name, value);
    const words = [...listOf(container.raw.command), ...listOf(container.raw.args)].map(textOf);
    words.forEach((word, index) => {
      const [, option, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(word ?? "") ?? [];
      // `--password x` and `--password=x` alike; anything else is looked at as text.
      if (option !== undefined) look(resource.urn, `argument --${option} ${of}`, option, value ?? words[index + 1]);
      else look(resource.urn, `argument ${index + 1} ${of}`, undefined, word);
    });
  }
}

function entries(value: JsonObject[string] | undefined): [string, string][] {
  return Object.entries(objectOf(value)).flatMap(([key, item]) => (typeof item === "string" ? [[key, item]] : []));
}

/** Names of the graph's Secrets: a value that is one of them refers to a secret and is none. */
function secretNames(graph: ResourceGraph): ReadonlySet<string> {
  return new Set(
    graph.resources.flatMap((resource) => {
      const manifest = manifestOf(resource);
      return manifest?.kind === "Secret" ? manifest.metadata.name : [];
    }),
  );
}

const PRIVATE_KEY = /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/;
/** `scheme://user:password@host` */
const USER_INFO = /\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"'`]*:([^\s/@"'`]+)@/gi;
/** `password: "…"`, `token = '…'` in configuration files and scripts. */
const QUOTED =
  /(?<![\\$\w-])[\w-]*(?:password|passwd|secret|token)["']?(?::|[ \t]*=)[ \t]*(?:"([^"\n]+)"|'([^'\n]+)')/gi;
/** `password=…` in a DSN or on a command line. */
const UNQUOTED = /(?<![\\$\w-])\w*(?:password|passwd)=([^\s;&"',]+)/gi;
/** `password: …` alone on a line. */
const LINE = /^[ \t]*[\w.-]*(?:password|passwd|secret|token)[ \t]*[:=][ \t]*([^\s"'#{[(|&;,]+)[ \t]*$/gim;
/** `CREATE ROLE … PASSWORD '…'` */
const SQL = /\bpassword[ \t]+'([^'\n]+)'/gi;
const COMMENT = /^[ \t]*(?:#|--|\/\/).*$/gm;

/** Names whose value is a secret: `POSTGRES_PASSWORD`, `api-key`; not `TOKEN_FILE` or `SECRET_NAME`. */
const SECRET_NAME =
  /(?:^|[._-])(?:\w*password|passwd|passphrase|pwd|secret|token|credentials?|dsn|(?:api|access|secret|private|encryption|signing)[._-]?key)$/i;
const KEY_NAME = /(?:^|[._-])key$/i;

function judgeFor(secrets: ReadonlySet<string>): Judge {
  const isSecret = (value: string): boolean => isLiteral(value) && !secrets.has(value);
  return (name, text) => {
    if (PRIVATE_KEY.test(text)) return "holds a private key";
    if (captured(text, USER_INFO).some(isSecret)) return "holds a URL with a password";
    if (name !== undefined && !text.includes("\n") && isSecret(text)) {
      if (SECRET_NAME.test(name)) return "is a secret by its name, and has a literal value";
      if (KEY_NAME.test(name) && isKeyMaterial(text)) return "looks like key material";
    }
    const code = text.replace(COMMENT, "");
    return [QUOTED, UNQUOTED, LINE, SQL].some((pattern) => captured(code, pattern).some(isSecret))
      ? "holds a password or token as a literal"
      : undefined;
  };
}

function captured(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].flatMap((match) => match[1] ?? match[2] ?? []);
}

/** Whether a value is the thing itself: not a placeholder, a variable, a file, a resource path or a keyword. */
function isLiteral(value: string): boolean {
  if (value === "" || value.includes(SECRET)) return false;
  if (/^(?:true|false|null|none|required|optional|prompt|string|text|scram-sha-256|md5|trust)$/i.test(value))
    return false;
  return !/^(?:\$|\{\{|%|<|:|\/|\.\/|projects\/|https?:\/\/[^@]*$)/i.test(value);
}

/** Base64 or hexadecimal of 16 bytes and more. */
function isKeyMaterial(value: string): boolean {
  return value.length >= 22 && /^[A-Za-z0-9+/_-]+=*$/.test(value) && /\d/.test(value) && /[A-Za-z]/.test(value);
}
