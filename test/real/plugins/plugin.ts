import type { Change } from "./changes";
import type { Values } from "./values";

/** What every call about a resource carries. */
export interface ResourceCall {
  /** Type token, for example `kubernetes:apps/v1:Deployment`. */
  type: string;
  /** Logical name. */
  name: string;
  /** Ends when the engine asks the plugin to stop. */
  signal: AbortSignal;
}

/** A resource to be made. */
export interface CreateCall extends ResourceCall {
  inputs: Values;
  /** Whether nothing may be changed. */
  preview: boolean;
  /** How long it may take, in milliseconds; undefined: as long as the plugin finds right. */
  limit: number | undefined;
}

/** A resource to be changed in place. */
export interface UpdateCall extends CreateCall {
  id: string;
  /** Its outputs so far. */
  outputs: Values;
}

/** A resource to be looked at. */
export interface ReadCall extends ResourceCall {
  id: string;
  inputs: Values;
  outputs: Values;
}

/** A resource to be removed. */
export type DeleteCall = ReadCall & { limit: number | undefined };

/** What a plugin found to have changed. */
export interface Difference {
  changes: Change[];
  /** Paths of changes that need a new resource. */
  replaces: string[];
  /** Whether the old one must go first. @default false */
  deleteFirst?: boolean;
}

/** A resource plugin without its wire format. Values hold Pulumi's marks for secrets and for what is not known yet. */
export interface Plugin {
  /** Takes the provider's arguments. @throws Error when they cannot work */
  configure?(args: Values): void;
  /** What a change of the provider's arguments means. */
  differenceOfArguments?(old: Values, args: Values): Difference;
  /** @returns what is wrong with the inputs, one sentence each */
  check(call: { type: string; inputs: Values }): string[];
  difference(call: { type: string; old: Values; inputs: Values }): Difference;
  create(call: CreateCall): Promise<{ id: string; outputs: Values }>;
  update?(call: UpdateCall): Promise<Values>;
  /** @returns undefined when the resource is gone */
  read?(call: ReadCall): Promise<{ inputs: Values; outputs: Values } | undefined>;
  delete?(call: DeleteCall): Promise<void>;
}

/** The resource is there, but has not become what it is meant to be: Pulumi keeps it, and looks at it again. */
export class NotInitialized extends Error {
  constructor(
    readonly id: string,
    readonly outputs: Values,
    reason: string,
  ) {
    super(reason);
  }
}
