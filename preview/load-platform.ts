import type { Platform } from "./checks";
import { loadRender, loadStackFile } from "./lazy";

/**
 * Reads a stack file and renders its stack.
 *
 * @throws ConfigError with every problem of the file.
 */
export async function loadPlatform(file: string): Promise<Platform> {
  const settings = loadStackFile().readStackFile(file);
  return { graph: await loadRender().renderStack(settings), config: settings.config };
}
