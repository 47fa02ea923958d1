import * as pulumi from "@pulumi/pulumi";
import engineConfig = require("@pulumi/pulumi/runtime/config");
import { readEngineConfig, secretKeysOf } from "./config/engine";
import { platform, type PlatformOutputs } from "./platform";
import { withProfile } from "./profile";

/** Which keys the stack file holds encrypted; the SDK knows, but its types do not say so. */
const { isConfigSecret } = engineConfig as unknown as { isConfigSecret: (key: string) => boolean };

/**
 * The program that an engine runs: reads the stack's configuration and builds the platform that it describes.
 *
 * @returns the stack's outputs
 * @throws ConfigError with every problem of the configuration
 */
export function program(): PlatformOutputs {
  const entries = pulumi.runtime.allConfig();
  const config = readEngineConfig({
    stack: pulumi.getStack(),
    entries,
    secretKeys: secretKeysOf(entries, isConfigSecret),
  });
  return platform(withProfile(config));
}
