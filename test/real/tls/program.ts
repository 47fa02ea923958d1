import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import type { z } from "zod";
import { readEngineConfig } from "../../../stacks/config/engine";
import { platform } from "../../../stacks/platform";
import { withProfile } from "../../../stacks/profile";
import { PROJECT, type platformSchema } from "../../../stacks/schema";

/** A stack file's settings besides those that every stack must have. */
export type Settings = Partial<z.input<typeof platformSchema>>;

/** What the program makes, as it would reach a cluster, secrets and all. */
export interface Made {
  /** Data of a Secret, by key. */
  secret(name: string): Record<string, string>;
  /** An object, by kind and name. */
  object(name: string): pulumi.Inputs;
}

const REQUIRED = { profile: "kind", cluster: { context: "kind-noetl" }, postgres: { mode: "inCluster" } } as const;

/** How the engine marks a secret (sdk/nodejs/runtime/rpc.ts of Pulumi). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

/**
 * Runs the whole program without an engine, and keeps what the recorder of preview/ would not: the secrets. Random
 * values are the same in each run, as those of a stack are in each update.
 *
 * @param state Another one has other random values.
 */
export async function make(settings: Settings, state = "stack"): Promise<Made> {
  const objects = new Map<string, pulumi.Inputs>();
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const plain = unmarked(inputs) as pulumi.Inputs;
        const { kind, metadata } = plain as { kind?: string; metadata?: { name?: string } };
        if (kind !== undefined) objects.set(`${kind}/${metadata?.name ?? name}`, plain);
        return { id: `${name}-id`, state: { ...(inputs as object), ...randomOf(type, `${state} ${name}`) } };
      },
      call: ({ token }) => {
        throw new Error(`no call of ${token} is expected`);
      },
    },
    PROJECT,
    "test",
    false,
  );
  const spec = withProfile(configOf(settings));
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(platform(spec)));
  await pulumi.runtime.disconnect();
  const object = (name: string): pulumi.Inputs => {
    const found = objects.get(name);
    if (!found) throw new Error(`no ${name} among ${[...objects.keys()].sort().join(", ")}`);
    return found;
  };
  return { object, secret: (name) => object(`Secret/${name}`).stringData as Record<string, string> };
}

function configOf(settings: Settings) {
  const entries = Object.entries({ ...REQUIRED, ...settings }).map(([section, value]) => [
    `${PROJECT}:${section}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return readEngineConfig({
    stack: "test",
    entries: Object.fromEntries(entries) as Record<string, string>,
    secretKeys: new Set(),
  });
}

function randomOf(type: string, name: string): Record<string, string> {
  const bytes = createHash("sha256").update(name).digest();
  if (type.endsWith(":RandomBytes")) return { base64: bytes.toString("base64"), hex: bytes.toString("hex") };
  return type.endsWith(":RandomPassword") ? { result: bytes.toString("hex") } : {};
}

function unmarked(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(unmarked);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value && "value" in value) return unmarked(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unmarked(item)]));
}
