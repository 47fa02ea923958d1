import {
  FLIGHT_CLIENT_FILES,
  FLIGHT_DIRECTORY,
  FLIGHT_SERVER_FILES,
  TOKEN,
  TOKENS,
} from "../../../components/tls/flight-names";
import { at, type JsonObject, listOf, objectOf, textOf } from "../../../preview/json";
import type { Workload } from "../platform";
import { FLIGHT_SECRETS } from "./secrets";

/** Volume of the rig's own: a workload that has it has been patched. */
const VOLUME = "noetl-verify-flight";

/** Variables that the server takes Flight's trust from. */
const SERVER_VARIABLES = {
  NOETL_FLIGHT_TLS_CERT: `${FLIGHT_DIRECTORY}/${FLIGHT_SERVER_FILES.certificate}`,
  NOETL_FLIGHT_TLS_KEY: `${FLIGHT_DIRECTORY}/${FLIGHT_SERVER_FILES.key}`,
  NOETL_FLIGHT_CLIENT_CA: `${FLIGHT_DIRECTORY}/${FLIGHT_SERVER_FILES.ca}`,
};

/** Variable that names those that playbooks may use. */
const KEYCHAIN = "NOETL_KEYCHAIN_ENV_VARS";

/** Gives the server its certificate, the authority of its clients, and the tokens that it takes. */
export function serverPatch({ container }: Workload): JsonObject {
  return podPatch(container, FLIGHT_SECRETS.server, Object.values(FLIGHT_SERVER_FILES), [
    ...Object.entries(SERVER_VARIABLES).map(([name, value]) => ({ name, value })),
    { name: TOKENS, valueFrom: { secretKeyRef: { name: FLIGHT_SECRETS.bearer, key: TOKENS } } },
  ]);
}

/** Gives a worker its certificate, what it knows the server by, and its token. @param now the workload as it is */
export function workerPatch({ container }: Workload, now: JsonObject): JsonObject {
  const names = keychainOf(now, container);
  return podPatch(container, FLIGHT_SECRETS.client, Object.values(FLIGHT_CLIENT_FILES), [
    { name: KEYCHAIN, value: [...names.filter((name) => name !== TOKEN), TOKEN].join(",") },
    { name: TOKEN, valueFrom: { secretKeyRef: { name: FLIGHT_SECRETS.client, key: TOKEN } } },
  ]);
}

/** Takes away what {@link serverPatch} or {@link workerPatch} has added; undefined where there is nothing of it. */
export function withoutPatch({ container }: Workload, now: JsonObject): JsonObject | undefined {
  const volumes = listOf(at(now, "spec", "template", "spec", "volumes")).map(objectOf);
  if (!volumes.some(({ name }) => name === VOLUME)) return undefined;
  const gone = (name: string): JsonObject => ({ name, $patch: "delete" });
  const names = keychainOf(now, container).filter((name) => name !== TOKEN);
  const keychain = names.length > 0 ? { name: KEYCHAIN, value: names.join(",") } : gone(KEYCHAIN);
  const env = [...Object.keys(SERVER_VARIABLES), TOKENS, TOKEN].map(gone);
  const volumeMounts = [{ mountPath: FLIGHT_DIRECTORY, $patch: "delete" }];
  return template({
    containers: [{ name: container, env: [...env, keychain], volumeMounts }],
    volumes: [gone(VOLUME)],
  });
}

function podPatch(container: string, secret: string, files: readonly string[], env: JsonObject[]): JsonObject {
  const items = files.map((file) => ({ key: file, path: file }));
  const volumeMounts = [{ name: VOLUME, mountPath: FLIGHT_DIRECTORY, readOnly: true }];
  return template({
    containers: [{ name: container, env, volumeMounts }],
    volumes: [{ name: VOLUME, secret: { secretName: secret, items } }],
  });
}

function template(spec: JsonObject): JsonObject {
  return { spec: { template: { spec } } };
}

/** Names of the variables that playbooks may use already. */
function keychainOf(now: JsonObject, container: string): string[] {
  const containers = listOf(at(now, "spec", "template", "spec", "containers")).map(objectOf);
  const env = listOf(containers.find(({ name }) => name === container)?.env).map(objectOf);
  const value = textOf(env.find(({ name }) => name === KEYCHAIN)?.value) ?? "";
  return value.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim()]));
}
