import { describe, expect, test } from "@jest/globals";
import type * as pulumi from "@pulumi/pulumi";
import { SecretMaterial, type SecretMaterialArgs } from "../../../components/secrets/material";
import { recorded } from "../../support/recorded";

async function render(args: SecretMaterialArgs = {}) {
  let material: SecretMaterial | undefined;
  const graph = await recorded(() => (material = new SecretMaterial("secrets", args)));
  if (!material) throw new Error("nothing was made");
  return { graph, material };
}

/** The parts of an Output that its type hides. */
type Known<T> = pulumi.Output<T> & { promise(): Promise<T>; isSecret: Promise<boolean> };

const NAMES = [
  "encryptionKey",
  "internalApiToken",
  "postgresPassword",
  "noetlPassword",
  "natsPassword",
  "natsSystemPassword",
] as const;

describe("SecretMaterial", () => {
  test("given nothing, generates every value, large enough and without characters that need quoting", async () => {
    const { graph } = await render();
    expect(
      graph.resources.filter(({ custom }) => custom).map(({ name, type, inputs }) => [name, type, inputs]),
    ).toEqual(
      expect.arrayContaining([
        ["encryption-key", "random:index/randomBytes:RandomBytes", { length: 32 }],
        ["internal-api-token", "random:index/randomBytes:RandomBytes", { length: 32 }],
        ...["postgres-password", "noetl-password", "nats-password", "nats-system-password"].map((name) => [
          name,
          "random:index/randomPassword:RandomPassword",
          { length: 32, special: false },
        ]),
      ]),
    );
  });

  test("the encryption key is base64 of 32 bytes, the token hexadecimal", async () => {
    const { material } = await render();
    const key = await (material.encryptionKey as Known<string>).promise();
    expect(Buffer.from(key, "base64")).toHaveLength(32);
    expect(await (material.internalApiToken as Known<string>).promise()).toMatch(/^[0-9a-f]{64}$/);
  });

  test.each(NAMES)("given %s, uses it and generates the others", async (name) => {
    const { graph, material } = await render({ [name]: "canary" });
    expect(await (material[name] as Known<string>).promise()).toBe("canary");
    expect(graph.resources.filter(({ custom }) => custom)).toHaveLength(NAMES.length - 1);
  });

  test.each(NAMES)("%s is a secret, given or generated", async (name) => {
    for (const args of [{}, { [name]: "canary" }]) {
      const { graph, material } = await render(args);
      expect(await (material[name] as Known<string>).isSecret).toBe(true);
      expect(JSON.stringify(graph)).not.toMatch(/canary/);
    }
  });
});
