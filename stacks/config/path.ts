/** A setting: the key in the stack file as written (`noetl:nats`), then keys and list indexes below it. */
export type Path = readonly (string | number)[];

/** A path as people write it, and as `pulumi config set --path` takes it: `noetl:workerPools[1].name`. */
export function formatPath([key = "", ...rest]: Path): string {
  return `${formatKey(key)}${rest.map(formatStep).join("")}`;
}

function formatKey(key: string | number): string {
  const text = shorten(String(key), 60);
  return /^\S+$/.test(text) ? text : JSON.stringify(text);
}

function formatStep(step: string | number): string {
  if (typeof step === "number") return `[${step}]`;
  return /^[\w-]+$/.test(step) ? `.${step}` : `[${JSON.stringify(shorten(step, 60))}]`;
}

/** Cuts a text to a length, on one line. */
export function shorten(text: string, length: number): string {
  const line = text.replaceAll(/\s*\n\s*/g, " ⏎ ");
  // Array.from goes by code points, so that no character is cut in half.
  const characters = Array.from(line);
  return characters.length <= length ? line : `${characters.slice(0, length - 1).join("")}…`;
}
