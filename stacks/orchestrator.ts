import type * as pulumi from "@pulumi/pulumi";
import { ORCHESTRATOR } from "../components/orchestrator/facts";
import { ACCESS_TOKEN, PASSPHRASE, SURREALDB_PASSWORD } from "../components/orchestrator/manifests";
import { Orchestrator } from "../components/orchestrator/orchestrator";
import type { PlatformSpec } from "./profile";
import { keptElsewhere } from "./schema/rules/secret-provider";
import type { Foundation } from "./secret-provider";

/** The provisioning orchestrator, where the stack has one. */
export function orchestratorOf(
  { orchestrator, cluster, secrets: given, secretProvider, traits }: PlatformSpec,
  { namespaces, secrets }: Omit<Foundation, "material">,
  opts: pulumi.ComponentResourceOptions,
): void {
  if (!orchestrator) return;
  const values = {
    [PASSPHRASE]: given.pulumiPassphrase,
    [ACCESS_TOKEN]: given.pulumiAccessToken,
    [SURREALDB_PASSWORD]: given.surrealdbPassword,
  };
  new Orchestrator(
    ORCHESTRATOR,
    {
      ...orchestrator,
      namespace: namespaces.of("noetl"),
      namespaces: namespaces.all,
      storageClass: traits.storageClass,
      context: cluster.context,
      ...(!keptElsewhere(secretProvider) && { values }),
      provider: secrets,
    },
    opts,
  );
}
