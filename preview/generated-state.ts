import type { Json } from "./graph";
import { markSecret } from "./secrets";

/**
 * The outputs that a real update would generate, as placeholders of the right shape, so that what is computed from them
 * can be computed. Secret ones never appear in a graph; the id is the same in every render, so that renders compare.
 *
 * @returns undefined for types whose outputs are their inputs.
 */
export function generatedState(type: string, inputs: Record<string, Json>): Record<string, Json> | undefined {
  const generate = GENERATORS[type];
  return generate && { ...inputs, ...generate(inputs) };
}

const GENERATORS: Record<string, (inputs: Record<string, Json>) => Record<string, Json>> = {
  "random:index/randomPassword:RandomPassword": ({ length }) => ({ result: markSecret("x".repeat(Number(length))) }),
  "random:index/randomId:RandomId": ({ byteLength }) => ({ hex: "0".repeat(2 * Number(byteLength)) }),
  "random:index/randomBytes:RandomBytes": ({ length }) => {
    const bytes = Buffer.alloc(Number(length));
    return { base64: markSecret(bytes.toString("base64")), hex: markSecret(bytes.toString("hex")) };
  },
};
