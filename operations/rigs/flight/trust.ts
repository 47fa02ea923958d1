import { NAME } from "../../../components/noetl/python-server-manifests";
import { FLIGHT_CLIENT_FILES, STACK_FLIGHT_CLIENT, TOKEN } from "../../../components/tls/flight-names";
import type { JsonObject } from "../../../preview/json";
import type { RigContext } from "../context";
import { answered, formatRef, type ObjectRef, pathOf } from "../objects";
import type { Platform, Workload } from "../platform";
import { poolsOf, segmentOf } from "../pools";
import type { Need } from "../rig";
import { settled } from "../rollout";
import { MANAGER } from "../undo";
import { serverPatch, withoutPatch, workerPatch } from "./patches";
import { FLIGHT_SECRETS, flightHost, flightSecrets, type FlightTrust, strangerOf } from "./secrets";

/** Who a run comes to Flight as: somebody it knows, and somebody with another authority's certificate. */
export interface Callers {
  known: FlightTrust;
  stranger: FlightTrust;
}

/** Seconds that the pods of a workload may take to come back with other files. */
const ROLL_SECONDS = 300;

/** The server in Python, which serves Flight. */
function flightServer({ namespace }: Platform): Workload {
  return { ref: { apiVersion: "apps/v1", kind: "Deployment", name: NAME, namespace }, container: NAME };
}

/** Pools that fetch by Flight. */
function flightClients(platform: Platform): Workload[] {
  const shared = segmentOf(platform, "shared")?.pools ?? [];
  return poolsOf(platform, "rust").filter(({ ref }) => shared.includes(ref.name));
}

/** That Flight demands nothing yet, or all that it can. */
export function flightNeeds({ config: { flight } }: Platform): Need[] {
  if (flight === undefined || isWhole(flight)) return [];
  const unmet =
    "noetl:flight turns on only some of serverTls, clientTls, bearer and mutual, and the rig proves them together";
  return [{ unmet }];
}

function isWhole(flight: NonNullable<Platform["config"]["flight"]>): boolean {
  return flight.serverTls && flight.clientTls && flight.bearer && flight.mutual;
}

/** Whether the stack itself has Flight demand everything. */
export function hasOwnTrust({ config: { flight } }: Platform): boolean {
  return flight !== undefined;
}

/** Turns on everything that Flight can demand, with Secrets of the rig's own. */
export async function turnOn({ platform, change, reach }: RigContext): Promise<Callers> {
  const clients = flightClients(platform);
  const today = reach.clock.now().toISOString().slice(0, "2026-11-21".length);
  const { secrets, ...callers } = await flightSecrets(platform.namespace, clients[0]?.ref.name ?? "worker", today);
  for (const secret of secrets) await change.create(secret);
  const options = { seconds: ROLL_SECONDS };
  const server = flightServer(platform);
  await change.patch(server.ref, "Flight with TLS, client certificates and tokens", serverPatch(server), options);
  for (const client of clients) {
    const patch = workerPatch(client, await reach.mustRead(client.ref));
    await change.patch(client.ref, "certificate and token for Flight", patch, options);
  }
  return callers;
}

/** Takes the place of {@link turnOn} where the stack demands everything already. */
export async function ownTrust({ platform, reach }: RigContext): Promise<Callers> {
  const { namespace } = platform;
  const value = (key: string): Promise<string> => reach.secret({ namespace, name: STACK_FLIGHT_CLIENT, key });
  const known = {
    serverName: flightHost(namespace),
    ca: await value(FLIGHT_CLIENT_FILES.ca),
    certificate: await value(FLIGHT_CLIENT_FILES.certificate),
    key: await value(FLIGHT_CLIENT_FILES.key),
    token: await value(TOKEN),
  };
  const today = reach.clock.now().toISOString().slice(0, "2026-11-21".length);
  return { known, stranger: await strangerOf(known, today) };
}

/** Takes away what a run has left whose journal is lost: parts of the workloads, then the Secrets. */
export async function turnOff(context: RigContext): Promise<void> {
  const { platform, reach } = context;
  for (const workload of [...flightClients(platform), flightServer(platform)]) {
    const now = await reach.read(workload.ref);
    const patch = now && withoutPatch(workload, now);
    if (patch === undefined) continue;
    await send(context, "PATCH", workload.ref, patch);
    await settled(reach, workload.ref, ROLL_SECONDS);
    context.note(`${formatRef(workload.ref)}: Flight is plain again`);
  }
  for (const name of Object.values(FLIGHT_SECRETS)) {
    const ref = { apiVersion: "v1", kind: "Secret", name, namespace: platform.namespace };
    if ((await reach.read(ref)) === undefined) continue;
    await send(context, "DELETE", ref);
    context.note(`${formatRef(ref)}: deleted`);
  }
}

async function send(
  { reach }: RigContext,
  method: "PATCH" | "DELETE",
  ref: ObjectRef,
  body?: JsonObject,
): Promise<void> {
  const path = `${await pathOf(reach.api, ref)}?fieldManager=${MANAGER}`;
  answered(await reach.api.send(method, path, body, "strategic-merge"), formatRef(ref));
}
