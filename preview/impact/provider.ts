import type { ResourceGraph } from "../graph";
import type { Circumstances } from "./fields";

const TYPE = "pulumi:providers:kubernetes";

/** Arguments that let the provider change content in place. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  ConfigMap: "enableConfigMapMutable",
  Secret: "enableSecretMutable",
};

/**
 * What the provider of a graph may change in place. The program after the change makes the update, so its provider counts;
 * a render has none, and is taken to be one of this program, which lets the provider change content.
 */
export function providerOf(before: ResourceGraph, after: ResourceGraph): Circumstances {
  const provider = [after, before].flatMap(({ resources }) => resources.filter(({ type }) => type === TYPE))[0];
  return {
    mutable: (kind) => {
      if (!provider) return true;
      const value = provider.inputs[ARGUMENTS[kind] ?? ""];
      return value === true || value === "true";
    },
  };
}
