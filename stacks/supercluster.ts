import type * as pulumi from "@pulumi/pulumi";
import { NatsSupercluster } from "../components/nats/supercluster";
import { GeneratedPasswords } from "../components/secrets/material";
import { SUPERCLUSTER } from "./namespaces";
import type { PlatformSpec } from "./profile";
import type { NatsSuperclusterConfig } from "./schema";
import { keptElsewhere } from "./schema/rules/secret-provider";
import type { Foundation } from "./secret-provider";

/** Beside the single `nats`, which the platform keeps using. */
export function supercluster(
  { traits, secretProvider, secrets: { rotations } }: PlatformSpec,
  { storage, tenants, ...config }: NatsSuperclusterConfig,
  { namespaces, material, secrets }: Foundation,
  opts: pulumi.ComponentResourceOptions,
): NatsSupercluster {
  const clusters = config.clusters.map(({ name }) => name);
  const generated = new GeneratedPasswords(
    SUPERCLUSTER,
    {
      keptElsewhere: keptElsewhere(secretProvider),
      rotation: rotations.natsSupercluster,
      names: ["gateway", ...clusters.map((name) => `cluster-${name}`), ...tenants.map(({ name }) => `tenant-${name}`)],
    },
    opts,
  );
  return new NatsSupercluster(
    SUPERCLUSTER,
    {
      ...config,
      namespace: namespaces.of(SUPERCLUSTER),
      storage: { size: storage, storageClass: traits.storageClass },
      tenants: tenants.map(({ name, ...limits }) => ({ name, limits })),
      secrets,
      passwords: {
        system: material.natsSystemPassword,
        noetl: material.natsPassword,
        gateway: generated.of("gateway"),
        clusters: Object.fromEntries(clusters.map((name) => [name, generated.of(`cluster-${name}`)])),
        tenants: Object.fromEntries(tenants.map(({ name }) => [name, generated.of(`tenant-${name}`)])),
      },
    },
    opts,
  );
}
