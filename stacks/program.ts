import * as pulumi from "@pulumi/pulumi";
import engineConfig = require("@pulumi/pulumi/runtime/config");
import { adoptLiveObjects } from "./adoption";
import { readEngineConfig, secretKeysOf } from "./config/engine";
import { UserError } from "./errors";
import type { InfrastructureOutputs } from "./infrastructure";
import { platform, type PlatformOutputs } from "./platform";
import { withProfile } from "./profile";
import type { PlatformConfig } from "./schema";

/** Which keys the stack file holds encrypted; the SDK knows, but its types do not say so. */
const { isConfigSecret } = engineConfig as unknown as { isConfigSecret: (key: string) => boolean };

/**
 * The program that an engine runs: reads the stack's configuration and builds the platform that it describes.
 *
 * @returns the stack's outputs
 * @throws RunError with every problem of the configuration
 */
export function program(): PlatformOutputs | InfrastructureOutputs {
  const config = orRunError(readConfig);
  orRunError(() => {
    adoptLiveObjects(pulumi.getStack());
  });
  return platform(withProfile(config));
}

function readConfig(): PlatformConfig {
  const entries = pulumi.runtime.allConfig();
  return readEngineConfig({
    stack: pulumi.getStack(),
    entries,
    secretKeys: secretKeysOf(entries, isConfigSecret),
  });
}

function orRunError<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Pulumi prints the message of this error alone, and that of any other after a line of its own and with a trace.
    if (error instanceof UserError) throw new pulumi.RunError(error.message);
    throw error;
  }
}
