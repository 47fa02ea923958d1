import { PLACEHOLDER } from "../schema/fields";
import { allowedText } from "./allowed";
import type { Entry } from "./entry";
import type { Finding } from "./finding";
import { formatPath, type Path } from "./path";
import { chosenBranch, hasSecret, nodeAt, type SchemaNode } from "./schema-node";

export { PLACEHOLDER };

/**
 * How secrets arrive: `encrypted` as `secure: …` in a file; `decrypted` as text of a key that Pulumi holds as secret;
 * `plain` as text of a key that it does not.
 */
export type SecretForm = "encrypted" | "decrypted" | "plain";

/** An entry with a placeholder for each encrypted value. */
export interface Unsealed {
  entry: Entry;
  findings: Finding[];
}

/**
 * Takes the encrypted values out of a section, and finds secrets in plain text and encrypted values where none belong.
 * No finding holds a value.
 *
 * @param node Schema of the section.
 * @param path The section's key.
 */
export function unseal(entry: Entry, node: SchemaNode, path: Path, form: SecretForm): Unsealed {
  if (node.secret === true) return unsealLeaf(entry, path, form);
  if (isSealed(entry)) return { entry, findings: [sealedFinding(node, path)] };
  const chosen = chosenBranch(node, entry);
  const below = (child: Entry, step: string | number) =>
    unseal(child, nodeAt(chosen, entry, [step]) ?? {}, [...path, step], form);
  if (entry.kind === "list") {
    const items = entry.children.map(below);
    return {
      entry: { ...entry, children: items.map((item) => item.entry) },
      findings: items.flatMap((item) => item.findings),
    };
  }
  if (entry.kind === "map") {
    const items = [...entry.children].map(([key, child]) => [key, below(child, key)] as const);
    return {
      entry: { ...entry, children: new Map(items.map(([key, item]) => [key, item.entry])) },
      findings: items.flatMap(([, item]) => item.findings),
    };
  }
  return { entry, findings: [] };
}

function unsealLeaf(entry: Entry, path: Path, form: SecretForm): Unsealed {
  const isText = entry.kind === "scalar" && typeof entry.value === "string" && entry.value !== "";
  if (form === "decrypted" && isText) return { entry, findings: [] };
  const findings = form === "encrypted" && isSealed(entry) ? [] : [plainFinding(entry, path)];
  // A placeholder also for a wrong value, so that it is reported once.
  return { entry: placeholder(entry), findings };
}

function placeholder({ key, at }: Entry): Entry {
  return {
    kind: "scalar",
    value: PLACEHOLDER,
    text: PLACEHOLDER,
    quoted: true,
    ...(key && { key }),
    ...(at && { at }),
  };
}

/** `{ secure: ciphertext }` with nothing beside it, which is what Pulumi takes for an encrypted value. */
function isSealed(entry: Entry): boolean {
  if (entry.kind !== "map" || entry.children.size !== 1) return false;
  const sealed = entry.children.get("secure");
  return sealed?.kind === "scalar" && typeof sealed.value === "string" && sealed.value !== "";
}

/**
 * The encrypted values of a stack file's settings, by their paths in the settings: `secrets.natsPassword`. Another text
 * at a path means that somebody wrote the secret anew, be it the same or another one.
 */
export function sealedValues(config: Entry): Map<string, string> {
  const found = new Map<string, string>();
  const collect = (entry: Entry, steps: readonly (string | number)[]): void => {
    const sealed = isSealed(entry) && entry.kind === "map" ? entry.children.get("secure") : undefined;
    if (sealed?.kind === "scalar") found.set(steps.join("."), sealed.text);
    else if (entry.kind === "list")
      entry.children.forEach((item, index) => {
        collect(item, [...steps, index]);
      });
    else if (entry.kind === "map") for (const [key, child] of entry.children) collect(child, [...steps, bare(key)]);
  };
  collect(config, []);
  return found;
}

/** A key without the project before it. */
function bare(key: string): string {
  return key.replace(/^[^:]*:/, "");
}

function plainFinding(entry: Entry, path: Path): Finding {
  const nothing = entry.kind === "scalar" && (entry.value === null || entry.value === "");
  return {
    path,
    message: nothing ? "nothing is given" : "this secret is not encrypted",
    allowed: "an encrypted value, as `secure: …`",
    next: nothing
      ? `remove the key, or run: ${setSecret(path)}`
      : `run: ${setSecret(path)}; and change the secret, it has been readable`,
  };
}

function sealedFinding(node: SchemaNode, path: Path): Finding {
  const isGroup = node.properties !== undefined || node.oneOf !== undefined || node.items !== undefined;
  if (isGroup) {
    return {
      path,
      message: "is encrypted as a whole",
      allowed: "a group of settings, each secret in it as `secure: …`",
    };
  }
  return {
    path,
    message: "is encrypted, but is not a secret",
    allowed: allowedText(node),
    next: `run: pulumi config set --path '${formatPath(path)}' VALUE`,
  };
}

/** Pulumi tells which keys hold an encrypted value, not where in them: one whose section knows no secret is misplaced. */
export function sealedSection(node: SchemaNode, path: Path, form: SecretForm): Finding[] {
  if (form !== "decrypted" || hasSecret(node)) return [];
  return [{ path, message: "holds an encrypted value, but none of its settings is a secret", allowed: "plain values" }];
}

/** The command that stores a secret encrypted; it asks for the value, so that no shell history keeps it. */
export function setSecret(path: Path): string {
  return `pulumi config set --secret --path '${formatPath(path)}'`;
}
