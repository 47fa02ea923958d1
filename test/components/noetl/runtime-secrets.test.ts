import { describe, expect, test } from "@jest/globals";
import { RuntimeSecrets, type RuntimeSecretsArgs } from "../../../components/noetl/runtime-secrets";
import { SecretMaterial } from "../../../components/secrets/material";
import { objectNamed, objectNames, recorded } from "../../support/recorded";
import { namespace, nats } from "./facts";

function render(given: Partial<RuntimeSecretsArgs> = {}) {
  let secrets: RuntimeSecrets | undefined;
  const graph = recorded(() => {
    const material = new SecretMaterial("secrets", {});
    secrets = new RuntimeSecrets("noetl-secrets", { namespace, material, nats, ...given });
  });
  return graph.then((made) => ({ graph: made, keys: secrets?.keys }));
}

describe("RuntimeSecrets", () => {
  test("are the Secrets the platform has always had", async () => {
    const { graph, keys } = await render();
    expect(objectNames(graph)).toEqual(["Secret/noetl-internal-api-token", "Secret/noetl-nats", "Secret/noetl-secret"]);
    expect(objectNamed(graph, "Secret/noetl-secret").stringData).toEqual({
      NOETL_ENCRYPTION_KEY: "<secret>",
      NOETL_PASSWORD: "<secret>",
    });
    expect(objectNamed(graph, "Secret/noetl-internal-api-token").stringData).toEqual({ token: "<secret>" });
    expect(objectNamed(graph, "Secret/noetl-nats").stringData).toEqual({
      NATS_PASSWORD: "<secret>",
      NOETL_NATS_URL: "<secret>",
    });
    expect(keys).toEqual({
      encryptionKey: { secret: "noetl-secret", key: "NOETL_ENCRYPTION_KEY" },
      postgresPassword: { secret: "noetl-secret", key: "NOETL_PASSWORD" },
      internalApiToken: { secret: "noetl-internal-api-token", key: "token" },
      natsPassword: { secret: "noetl-nats", key: "NATS_PASSWORD" },
      natsUrl: { secret: "noetl-nats", key: "NOETL_NATS_URL" },
    });
  });

  test("given databases of the shards, their DSNs are a Secret of their own", async () => {
    const { graph, keys } = await render({ shards: { dsns: ["canary-0", "canary-1"], clusterDsn: "canary" } });
    expect(objectNamed(graph, "Secret/noetl-shards").stringData).toEqual({
      NOETL_SHARDS: "<secret>",
      NOETL_CLUSTER_DSN: "<secret>",
    });
    expect(keys).toMatchObject({
      shards: { secret: "noetl-shards", key: "NOETL_SHARDS" },
      clusterDsn: { secret: "noetl-shards", key: "NOETL_CLUSTER_DSN" },
    });
    expect(JSON.stringify(graph)).not.toMatch(/canary/);
  });

  test.each([
    ["databaseUrl", "DATABASE_URL"],
    ["vaultToken", "VAULT_TOKEN"],
    ["kubernetesToken", "NOETL_K8S_TOKEN"],
  ] as const)("given %s, it is key %s of noetl-secret", async (name, key) => {
    const { graph, keys } = await render({ [name]: "canary" });
    expect(objectNamed(graph, "Secret/noetl-secret").stringData).toHaveProperty(key, "<secret>");
    expect(keys?.[name]).toEqual({ secret: "noetl-secret", key });
    expect(JSON.stringify(graph)).not.toMatch(/canary/);
  });
});
