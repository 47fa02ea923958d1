import type * as pulumi from "@pulumi/pulumi";
import type { Namespaces } from "../components/kubernetes/namespaces";
import { GcpSecretProvider } from "../components/secrets/gcp";
import { SecretMaterial } from "../components/secrets/material";
import { kubernetesSecrets, type SecretProvider } from "../components/secrets/provider";
import { VaultSecretProvider } from "../components/secrets/vault";
import { natsUsers } from "./nats";
import type { PlatformSpec } from "./profile";
import { keptElsewhere } from "./schema/rules/secret-provider";
import { IMAGES } from "./versions";

/** What almost everything is made on. */
export interface Foundation {
  namespaces: Namespaces;
  material: SecretMaterial;
  secrets: SecretProvider;
}

/** Where the values of the platform's Secrets come from, as the stack file has it. */
export function secretProviderOf(spec: PlatformSpec, opts: pulumi.ComponentResourceOptions): SecretProvider {
  const { secretProvider: provider, secrets } = spec;
  switch (provider.kind) {
    case "kubernetes":
      return kubernetesSecrets;
    case "gcp": {
      const { by, entries } = provider;
      if (by === "gkeAddOn") throw new Error("the add-on makes no Secrets; the schema's rules refuse it");
      return new GcpSecretProvider(
        "secret-provider",
        {
          ...provider,
          by,
          project: spec.gcp?.project ?? "",
          protect: secrets.protect,
          paths: Object.fromEntries(entries.map(({ name, path }) => [name, path])),
          pauseImage: IMAGES.pause,
        },
        opts,
      );
    }
    case "vault": {
      const { vault } = spec.server.keychain;
      if (!vault) throw new Error("no server.keychain.vault; the schema's rules demand it");
      const { address, namespace, kvMount } = vault;
      const auth = { mount: provider.authMount, role: provider.role };
      return new VaultSecretProvider("secret-provider", { ...provider, address, namespace, kvMount, auth }, opts);
    }
  }
}

/** The secret values as far as the program knows them. */
export function materialOf(spec: PlatformSpec, opts: pulumi.ComponentResourceOptions): SecretMaterial {
  const { secrets, secretProvider, nats } = spec;
  return new SecretMaterial(
    "secrets",
    {
      ...secrets,
      keptElsewhere: keptElsewhere(secretProvider),
      natsIsCluster: nats.replicas > 1,
      natsUsers: natsUsers(spec),
    },
    opts,
  );
}
