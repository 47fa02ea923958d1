import * as pulumi from "@pulumi/pulumi";
import { manifestOf, type Manifest, type ResourceGraph } from "../../../preview/graph";
import { renderStack } from "../../../preview/render";
import type { StackSettings } from "../../../stacks/config/stack-file";
import type { CrdSet } from "../../../tools/crds";
import { platform } from "../../../stacks/platform";
import { withProfile } from "../../../stacks/profile";

/** The Secrets of a stack with what is really in them: `namespace/name` → key → value. */
export type SecretValues = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Every Kubernetes object of a render, in the order of registration. */
export function manifestsOf(graph: ResourceGraph): Manifest[] {
  return graph.resources.flatMap((resource) => manifestOf(resource) ?? []);
}

/** Objects whose kind is defined here; of those that are not, it is said why, once a group. */
export function readable(objects: readonly Manifest[], missing: CrdSet["missing"]): Manifest[] {
  const reasons = new Map(missing.flatMap(({ groups, reason }) => groups.map((group) => [group, reason] as const)));
  const left = objects.filter((object) => reasons.has(groupOf(object)));
  for (const group of new Set(left.map(groupOf))) {
    process.stderr.write(`skipped: objects of ${group}: ${reasons.get(group) ?? ""}\n`);
  }
  return objects.filter((object) => !left.includes(object));
}

function groupOf({ apiVersion }: Manifest): string {
  return apiVersion.split("/")[0] ?? "";
}

/** `namespace/name` of an object. */
export function keyOf({ metadata: { name, namespace = "" } }: Manifest): string {
  return `${namespace}/${name}`;
}

/** The objects of a stack as the engine sends them: the render, with the values in place of `<secret>`. */
export async function objectsOf(settings: StackSettings): Promise<{ objects: Manifest[]; secrets: SecretValues }> {
  const rendered = manifestsOf(await renderStack(settings));
  const secrets = await secretsOf(settings);
  const objects = rendered.map((object) =>
    object.kind === "Secret" ? { ...object, stringData: { ...secrets.get(keyOf(object)) } } : object,
  );
  return { objects, secrets };
}

/** Runs the program a second time: a render holds no secret. */
async function secretsOf({ stack, config }: StackSettings): Promise<SecretValues> {
  const secrets = new Map<string, Record<string, string>>();
  await pulumi.runtime.setMocks(
    {
      call: ({ token }) => {
        throw new Error(`no mock answers ${token}`);
      },
      newResource: ({ name, type, inputs }) => {
        const state = inputs as Manifest & { stringData: unknown };
        if (type === "kubernetes:core/v1:Secret") {
          secrets.set(keyOf(state), pulumi.runtime.unwrapRpcSecret(state.stringData) as Record<string, string>);
        }
        return { id: name, state: { ...state, ...generated(type) } };
      },
    },
    "noetl",
    stack,
    false,
  );
  await pulumi.runtime.runInPulumiStack(() => Promise.resolve(platform(withProfile(config))));
  await pulumi.runtime.disconnect();
  return secrets;
}

/** What the engine would generate. */
function generated(type: string): object {
  if (type === "random:index/randomPassword:RandomPassword") return { result: "generatedGenerated1234567890abcde" };
  if (type === "random:index/randomId:RandomId") return { hex: "01234567" };
  if (type === "random:index/randomBytes:RandomBytes")
    return { hex: "01".repeat(32), base64: Buffer.alloc(32, 1).toString("base64") };
  return {};
}
