import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../preview/graph";
import { isObject, objectOf, textOf } from "../../preview/json";
import { UserError } from "../../stacks/errors";
import type { Login } from "./registry";

/** How `docker login` names Docker Hub. */
const DOCKER_HUB = "https://index.docker.io/v1/";

/**
 * Reads who has logged in where, as `docker login` keeps it. Helpers that keep passwords elsewhere are not asked.
 *
 * @param folder that holds `config.json`
 * @returns the login for a host; nobody has logged in where there is no file
 * @throws UserError when the file cannot be read
 */
export function readLogins(folder: string): (host: string) => Login | undefined {
  const file = join(folder, "config.json");
  const auths = objectOf(objectOf(contentOf(file)).auths);
  return (host) => {
    const names = host === "docker.io" ? [DOCKER_HUB, host] : [host, `https://${host}`];
    const entry = names.map((name) => auths[name]).find(isObject);
    const [user, password] = partsOf(textOf(entry?.auth) ?? "");
    return user === undefined || password === undefined ? undefined : { user, password };
  };
}

function contentOf(file: string): Json {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code = String(error) } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return {};
    throw new UserError(`${file} cannot be read: ${code}`);
  }
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new UserError(`${file} is not JSON\nnext: mend it, or log in again: docker login`);
  }
}

/** A password may hold colons. */
function partsOf(auth: string): [string?, string?] {
  const text = Buffer.from(auth, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon < 1 ? [] : [text.slice(0, colon), text.slice(colon + 1)];
}
