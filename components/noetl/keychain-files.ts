import type * as k8s from "@pulumi/kubernetes";
import { posix } from "node:path";
import type { KeychainProviders } from "./server-env";

/** Files of keychain providers in the server's pod. */
export interface KeychainFiles {
  volumes: k8s.types.input.core.v1.Volume[];
  volumeMounts: k8s.types.input.core.v1.VolumeMount[];
}

/**
 * Mounts the Secret of each provider that has one at the folder of its files. The kubelet renews them in place, and the
 * server reads a token anew for each fetch: so it may change at any time, without a restart.
 */
export function keychainFiles({ kubernetes, vault }: KeychainProviders): KeychainFiles {
  const files: KeychainFiles = { volumes: [], volumeMounts: [] };
  for (const [provider, settings] of Object.entries({ kubernetes, vault })) {
    const file = settings?.tokenFile ?? settings?.caFile;
    if (settings?.filesSecret === undefined || file === undefined) continue;
    const name = `${provider}-files`;
    files.volumes.push({ name, secret: { secretName: settings.filesSecret } });
    files.volumeMounts.push({ name, mountPath: posix.dirname(file), readOnly: true });
  }
  return files;
}
