import type { Platform } from "./checks";
import { loadFileText, loadRender, loadStackFile } from "./lazy";
import { withRewrittenSecrets } from "./rewritten-secrets";

/** What is needed to compare a render with another one. */
export interface Comparable {
  /** Of {@link Recording.secretKey}. */
  secretKey?: Buffer | undefined;
  /** What the file was before: a secret that has been encrypted anew since then is rendered as another one. */
  former?: string | undefined;
}

/**
 * Reads a stack file and renders its stack.
 *
 * @throws ConfigError with every problem of the file.
 */
export function loadPlatform(file: string, options: Comparable = {}): Promise<Platform> {
  return platformOf(file, loadFileText().readFileText(file), options);
}

/** Like {@link loadPlatform}, of a text that is at hand. */
export async function platformOf(file: string, text: string, { secretKey, former }: Comparable): Promise<Platform> {
  const { parseStackFile } = loadStackFile();
  const settings = parseStackFile(text, file);
  const rendered = former === undefined ? settings : withRewrittenSecrets(parseStackFile(former, file), settings);
  return { graph: await loadRender().renderStack(rendered, secretKey), config: settings.config };
}
