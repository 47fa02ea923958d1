/** What a registry asks for in `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  scheme: string;
  /** Names in lower case: `realm`, `service`, `scope`. */
  parameters: Readonly<Record<string, string>>;
}

const PARAMETER = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))\s*(?:,|$)\s*/y;

/**
 * Takes the header apart, as far as registries use it: one scheme with its parameters.
 *
 * @returns undefined when it says nothing that can be done
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */
export function parseChallenge(header: string | null): Challenge | undefined {
  const match = /^\s*([\w-]+)\s+/.exec(header ?? "");
  if (header === null || match === null) return undefined;
  const parameters: Record<string, string> = {};
  PARAMETER.lastIndex = match[0].length;
  for (let found = PARAMETER.exec(header); found !== null; found = PARAMETER.exec(header)) {
    const [, name = "", quoted, bare = ""] = found;
    parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, "$1") ?? bare;
  }
  return { scheme: (match[1] ?? "").toLowerCase(), parameters };
}
