import { homedir } from "node:os";
import { join } from "node:path";

/** The only place that reads the environment; everything else takes plain values. */
export interface Environment {
  /** NO_COLOR is set: never colour. https://no-color.org */
  noColor: boolean;
  /** Kubeconfig files, parted by `:`; undefined for the usual one. */
  kubeconfig: string | undefined;
  /** Folder for what can be made anew. https://specifications.freedesktop.org/basedir-spec */
  cache: string;
  /** Folder of what must not be lost: the journals of rigs. */
  journals: string;
  /** Folder in which docker keeps who has logged in where. */
  dockerConfig: string;
  /** Address of the Docker Engine. */
  dockerHost: string;
  /** Values of variables that are named as secrets are: they must stand in no log. */
  secrets: readonly string[];
}

/** Files and what holds their names are none. */
const SECRET = /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|_KEY)$/i;

export function readEnvironment(): Environment {
  const { NO_COLOR, KUBECONFIG, XDG_CACHE_HOME, XDG_STATE_HOME, DOCKER_CONFIG, DOCKER_HOST } = process.env;
  const caches = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? join(homedir(), ".cache") : XDG_CACHE_HOME;
  const states =
    XDG_STATE_HOME === undefined || XDG_STATE_HOME === "" ? join(homedir(), ".local", "state") : XDG_STATE_HOME;
  return {
    noColor: NO_COLOR !== undefined && NO_COLOR !== "",
    kubeconfig: KUBECONFIG,
    cache: join(caches, "noetl-ops"),
    journals: join(states, "noetl-ops", "rigs"),
    dockerHost: DOCKER_HOST === undefined || DOCKER_HOST === "" ? "unix:///var/run/docker.sock" : DOCKER_HOST,
    dockerConfig: DOCKER_CONFIG === undefined || DOCKER_CONFIG === "" ? join(homedir(), ".docker") : DOCKER_CONFIG,
    secrets: Object.entries(process.env).flatMap(([name, value]) => (SECRET.test(name) && value ? [value] : [])),
  };
}
