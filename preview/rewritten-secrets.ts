import type { StackSettings } from "../stacks/config/stack-file";
import { PLACEHOLDER } from "../stacks/schema/fields";

/**
 * The settings after a change, in which every secret that was encrypted anew is another one than before. Offline nobody
 * can decrypt them, so each is a placeholder; with one key for both renders their fingerprints tell which differ.
 */
export function withRewrittenSecrets(before: StackSettings, after: StackSettings): StackSettings {
  const rewritten = [...(after.sealed ?? [])].filter(([path, text]) => {
    const was = before.sealed?.get(path);
    return was !== undefined && was !== text;
  });
  if (rewritten.length === 0) return after;
  const config = structuredClone(after.config);
  for (const [path] of rewritten) rewrite(config, path.split("."));
  return { ...after, config };
}

function rewrite(place: unknown, [step, ...rest]: string[]): void {
  if (step === undefined || typeof place !== "object" || place === null) return;
  const holder = place as Record<string, unknown>;
  if (rest.length > 0) rewrite(holder[step], rest);
  else if (holder[step] === PLACEHOLDER) holder[step] = `${PLACEHOLDER}-rewritten`;
}
