import * as pulumi from "@pulumi/pulumi";
import engineConfig = require("@pulumi/pulumi/runtime/config");
import { readEngineConfig, secretKeysOf } from "./stacks/config/engine";
import { platform } from "./stacks/platform";
import { withProfile } from "./stacks/profile";

/** Which keys the stack file holds encrypted; the SDK knows, but its types do not say so. */
const { isConfigSecret } = engineConfig as unknown as { isConfigSecret: (key: string) => boolean };

const entries = pulumi.runtime.allConfig();
const config = readEngineConfig({
  stack: pulumi.getStack(),
  entries,
  secretKeys: secretKeysOf(entries, isConfigSecret),
});

export const { serverUrl, natsUrl, postgresHost, schemaVersion } = platform(withProfile(config));
