import type { StackValidationPolicy } from "@pulumi/policy";
import { POLICIES, policyContext, violationsOf } from "../preview/policies";
import { projectFolder } from "../preview/project-folder";
import { stackFile } from "../preview/stack-location";
import { applyWaivers } from "../preview/waivers";
import { readStackFile } from "../stacks/config/stack-file";
import { UserError } from "../stacks/errors";
import { withProfile } from "../stacks/profile";
import type { WaiverConfig } from "../stacks/schema";
import { graphOf } from "./graph";

/**
 * Every policy as the engine takes it: an error stops the update, a warning is told. The engine's configuration can
 * switch each off by its id.
 *
 * @param today The day by which waivers are judged, as `2026-11-21`.
 */
export function stackPolicies(today: string): StackValidationPolicy[] {
  return POLICIES.map((policy) => ({
    name: policy.id,
    description: policy.title,
    enforcementLevel: policy.severity === "error" ? "mandatory" : "advisory",
    validateStack: ({ resources }, reportViolation) => {
      const graph = graphOf(resources);
      const { production, waivers } = settingsOf(graph.stack);
      const asked = [policy.id];
      const found = violationsOf(policy, policyContext(graph, production));
      for (const { rule, waived, message, fix, resource } of applyWaivers(found, waivers, {
        today,
        asked,
        known: asked,
      })) {
        // What is to be said of the waivers themselves, noetl-ops check says.
        if (rule === policy.id && !waived) reportViolation(`${message}. Fix: ${fix}.`, resource);
      }
    },
  }));
}

interface Settings {
  production: boolean;
  waivers: readonly WaiverConfig[];
}

/** By the stack file that lies beside the pack; a stack that has none there is asked everything. */
function settingsOf(stack: string): Settings {
  try {
    const { config } = readStackFile(stackFile(projectFolder(), stack));
    return { production: withProfile(config).traits.production, waivers: config.waivers };
  } catch (error) {
    // What is wrong with the file the program itself has said.
    if (error instanceof UserError) return { production: true, waivers: [] };
    throw error;
  }
}
