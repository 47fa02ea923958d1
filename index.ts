import * as pulumi from "@pulumi/pulumi";
import { readEngineConfig } from "./stacks/config/engine";
import { platform } from "./stacks/platform";
import { withProfile } from "./stacks/profile";

const config = readEngineConfig({
  stack: pulumi.getStack(),
  entries: pulumi.runtime.allConfig(),
});

const outputs = platform(withProfile(config));

export const serverUrl = outputs.serverUrl;
export const natsUrl = outputs.natsUrl;
export const postgresHost = outputs.postgresHost;
export const schemaVersion = outputs.schemaVersion;
