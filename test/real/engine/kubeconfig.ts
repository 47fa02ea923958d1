import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";

interface Kubeconfig {
  contexts: { name: string; context: object }[];
  "current-context"?: string;
}

/**
 * Writes a kubeconfig whose contexts all lead to the cluster of another one.
 *
 * @param current the current context @default none: who uses it must say which context is meant
 */
export function writeKubeconfig(file: string, of: string, contexts: readonly string[], current?: string): void {
  const config = parse(readFileSync(of, "utf8")) as Kubeconfig;
  const { context = {} } = config.contexts[0] ?? {};
  delete config["current-context"];
  const chosen = current === undefined ? {} : { "current-context": current };
  const text = stringify({ ...config, contexts: contexts.map((name) => ({ name, context })), ...chosen });
  writeFileSync(file, text, { mode: 0o600 });
}
