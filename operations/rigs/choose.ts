import { nearest } from "../../stacks/config/nearest";
import { UserError } from "../../stacks/errors";
import { RIGS } from "./catalog";
import type { Rig } from "./rig";

/** The rig of a name. @throws UserError with those there are */
export function rigNamed(name: string): Rig {
  const found = RIGS.find((rig) => rig.name === name);
  if (found !== undefined) return found;
  const names = RIGS.map((rig) => rig.name);
  const meant = nearest(name, names);
  const hint = meant === undefined ? [] : [`did you mean ${meant}?`];
  throw new UserError([`there is no rig '${name}'`, ...hint, `allowed: ${names.join(", ")}`].join("\n"));
}
