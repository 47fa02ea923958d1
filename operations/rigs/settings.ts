import { UserError } from "../../stacks/errors";
import type { Rig } from "./rig";

/** A number that a rig takes: `--set rate=100`. */
export interface RigSetting {
  name: string;
  /** What it is, with its unit. */
  description: string;
  default: number;
  /** What a run never exceeds. */
  largest: number;
}

/** The settings of a run, by name. */
export type RigSettings = Readonly<Record<string, number>>;

/**
 * The settings of a run: what is given, and the rest as it is by default.
 *
 * @param given each as `name=number`
 * @throws UserError naming everything that is wrong, before anything is done
 */
export function settingsOf({ name: rig, settings = [] }: Rig, given: readonly string[] = []): RigSettings {
  const values = new Map(settings.map((setting) => [setting.name, setting.default]));
  const problems = given.flatMap((text) => {
    const [, name = text, value = ""] = /^([^=]*)=(.*)$/.exec(text) ?? [];
    const setting = settings.find((candidate) => candidate.name === name);
    if (setting === undefined) {
      const names = settings.map((candidate) => candidate.name).join(", ");
      return [`--set ${text}: rig ${rig} has no setting '${name}'; allowed: ${names || "none"}`];
    }
    const isFine = /^\d{1,9}$/.test(value) && Number(value) >= 1 && Number(value) <= setting.largest;
    if (!isFine) return [`--set ${text}: allowed are whole numbers from 1 to ${setting.largest}`];
    values.set(name, Number(value));
    return [];
  });
  if (problems.length > 0) throw new UserError(problems.join("\n"));
  return Object.fromEntries(values);
}
