import { existsSync, readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { UserError } from "./errors";

const adoptionSchema = z.strictObject({
  stack: z.string(),
  imports: z.record(z.string(), z.string()),
  applies: z.array(z.string()),
});

/** What `noetl-ops adopt` writes for the first update over a live installation. */
export interface AdoptionFile {
  stack: string;
  /** URN → id of live objects that Pulumi reads before it changes them. */
  imports: Record<string, string>;
  /** URNs of live objects that the program is applied over, because Pulumi would replace them after an import. */
  applies: string[];
}

/** Name of the file of a stack; it lies beside the stack file. */
export function adoptionFileName(stack: string): string {
  return `adopt.${stack}.json`;
}

/**
 * Takes over live objects in this update, when there is a file that names them. Must run before the first resource.
 *
 * @throws UserError when the file is not one of `noetl-ops adopt` for this stack
 */
export function adoptLiveObjects(stack: string): void {
  const name = adoptionFileName(stack);
  if (!existsSync(name)) return;
  const { imports, applies } = readAdoption(name, readFileSync(name, "utf8"), stack);
  const count = Object.keys(imports).length + applies.length;
  pulumi.runtime.registerStackTransformation(({ type, name: logical, props, opts }) => {
    if (type === "pulumi:providers:kubernetes") {
      const forced = { upsertExistingObjects: true, enablePatchForce: true };
      return { props: { ...(props as object), ...forced }, opts };
    }
    const id = imports[urnOf(type, logical, opts.parent)];
    return id === undefined ? undefined : { props, opts: { ...opts, import: id } };
  });
  void pulumi.log.warn(`${name}: this update takes over ${count} live objects; remove the file when it has succeeded`);
}

/** @throws UserError when the text is not such a file of this stack */
export function readAdoption(name: string, text: string, stack: string): AdoptionFile {
  const again = `next: remove it, or write it anew with noetl-ops adopt --stack ${stack}`;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new UserError(`${name} is not JSON\n${again}`);
  }
  const { success, data } = adoptionSchema.safeParse(content);
  if (!success) throw new UserError(`${name} is not a file of noetl-ops adopt\n${again}`);
  if (data.stack !== stack) throw new UserError(`${name} is of stack ${data.stack}, not of ${stack}\n${again}`);
  return data;
}

/** Parts of a resource that the SDK's types hide. */
interface Parent {
  __pulumiType?: string;
  __parentResource?: Parent;
}

function urnOf(type: string, name: string, parent: pulumi.Resource | undefined): string {
  const types = [type];
  for (let above = parent as Parent | undefined; above; above = above.__parentResource) {
    if (above.__pulumiType !== undefined && above.__pulumiType !== "pulumi:pulumi:Stack")
      types.unshift(above.__pulumiType);
  }
  return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types.join("$")}::${name}`;
}
