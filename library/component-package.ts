import * as pulumi from "@pulumi/pulumi";
import type { ConstructResult, Provider } from "@pulumi/pulumi/provider";
import * as components from "./languages";

/** What of a package's schema is read here. */
interface Schema {
  version: string;
  resources: Record<string, { properties: Record<string, unknown> } | undefined>;
}

type Component = new (
  name: string,
  args: pulumi.Inputs,
  opts: pulumi.ComponentResourceOptions,
) => pulumi.ComponentResource;

/** Makes the components of {@link components} for programs of any language. */
export class ComponentPackage implements Provider {
  readonly version: string;
  private readonly resources: Schema["resources"];

  /** @param schema the text of schema.json */
  constructor(readonly schema: string) {
    ({ version: this.version, resources: this.resources } = JSON.parse(schema) as Schema);
  }

  async construct(
    name: string,
    type: string,
    inputs: pulumi.Inputs,
    opts: pulumi.ComponentResourceOptions,
  ): Promise<ConstructResult> {
    const described = this.resources[type];
    if (!described) throw new Error(`no component ${type}; there are: ${Object.keys(this.resources).join(", ")}`);
    const className = type.slice(type.lastIndexOf(":") + 1) as keyof typeof components;
    const Class = components[className] as unknown as Component;
    const component = new Class(name, await known(inputs), opts);
    const fields = component as unknown as Record<string, unknown>;
    const state = Object.keys(described.properties).map((key) => [key, fields[key]]);
    return { urn: component.urn, state: Object.fromEntries(state) as pulumi.Inputs };
  }
}

/** Inputs as plain values where they are known; the components mark what is secret of them themselves. */
async function known(inputs: pulumi.Inputs): Promise<pulumi.Inputs> {
  const entries = Object.entries(inputs).map(async ([key, value]: [string, unknown]) => {
    // Of the SDK, but not of its types.
    const output = pulumi.output(value) as unknown as { isKnown: Promise<boolean>; promise(): Promise<unknown> };
    return [key, (await output.isKnown) ? await output.promise() : value] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
