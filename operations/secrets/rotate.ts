import { SECRET_NAMES, type SecretName } from "../../components/secrets/catalog";
import type { Platform } from "../../preview/checks";
import { editStackText } from "../../stacks/config/edit";
import { nearest } from "../../stacks/config/nearest";
import { UserError } from "../../stacks/errors";
import { inventory, type SecretState } from "./inventory";
import { impactOf, REENCRYPTION, type Impact } from "./steps";

/** A replacement that is planned: what it does, and the stack file that asks for it. */
export interface Rotation {
  secret: SecretState;
  impact: Impact;
  /** The count after it. */
  count: number;
  /** Text of the stack file before and after. */
  before: string;
  after: string;
}

/**
 * Plans the replacement of a secret.
 *
 * @param text The stack file's text.
 * @param file Its name, for messages.
 * @throws UserError when the stack has no such secret.
 */
export function planRotation(platform: Platform, wanted: string, text: string, file: string): Rotation {
  const secret = find(inventory(platform), wanted);
  const count = secret.rotations + 1;
  const after = editStackText(text, file, [
    { kind: "set", path: ["noetl:secrets", "rotations", secret.name], value: count },
  ]);
  return { secret, impact: impactOf(secret, platform.config), count, before: text, after };
}

function find(secrets: SecretState[], wanted: string): SecretState {
  const found = secrets.find(({ name }) => name === wanted);
  if (found) return found;
  const names = secrets.map(({ name }) => name);
  const absent = SECRET_NAMES.includes(wanted as SecretName);
  const meant = nearest(wanted, names);
  throw new UserError(
    [
      absent ? `this stack has no secret '${wanted}'` : `there is no secret '${wanted}'`,
      ...(meant === undefined || absent ? [] : [`did you mean ${meant}?`]),
      `allowed: ${names.join(", ")}`,
    ].join("\n"),
  );
}

/**
 * Refuses what would lose data: a new encryption key for rows that are sealed under the old one.
 *
 * @param reencrypted Whether somebody said that all rows are sealed under the new key.
 * @throws UserError with the steps that come first.
 */
export function assertReencrypted({ name, source }: SecretState, reencrypted: boolean): void {
  if (name !== "encryptionKey") return;
  const steps = REENCRYPTION.map((step, index) => `  ${index + 1}. ${step}`);
  if (!reencrypted) {
    throw new UserError(
      ["without the old key nothing sealed under it can be read again; nothing was written. First:", ...steps].join(
        "\n",
      ),
    );
  }
  if (source === "generated") {
    throw new UserError(
      [
        "a generated key is made by pulumi up, so no row can be sealed under it yet; nothing was written. Give the new key:",
        ...steps,
      ].join("\n"),
    );
  }
}
