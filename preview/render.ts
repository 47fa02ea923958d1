import type { StackSettings } from "../stacks/config/stack-file";
import { platform } from "../stacks/platform";
import { withProfile } from "../stacks/profile";
import { PROJECT } from "../stacks/schema";
import type { ResourceGraph } from "./graph";
import { record } from "./recorder";

/**
 * Renders a stack offline: the very program of index.ts, recorded instead of run.
 *
 * @param secretKey Of {@link Recording.secretKey}.
 */
export function renderStack({ stack, config }: StackSettings, secretKey?: Buffer): Promise<ResourceGraph> {
  return record({ project: PROJECT, stack, program: () => platform(withProfile(config)), secretKey });
}
