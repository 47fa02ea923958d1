import { at, isObject, type JsonObject, listOf, numberOf, objectOf, textOf } from "../../../preview/json";
import type { RigContext } from "../context";
import { connectNats, jetStream, type Nats, type NatsServer, withNats } from "../nats";
import { refOf } from "../objects";
import { isReady } from "../reach";
import type { Evidence } from "../rig";
import { fingerprints, streamEvidence } from "./messages";
import { scratchNats } from "./pods";
import { aloneConfig, backUp, restore, sizeOf, unfit } from "./stream-backup";

/** Most bytes of a stream that is restored: it goes through this process. */
const MOST = 256 * 1024 ** 2;
/** How long a pod may take until it answers, in seconds. */
const READY = 180;

/**
 * Backs up every stream of the platform that can be, restores each into a NATS of the rig's own, and compares: JetStream
 * restores a stream under its own name only, so that it needs another place.
 *
 * @param name of the pod that is made
 */
export async function streamBackups(context: RigContext, server: NatsServer, name: string): Promise<Evidence[]> {
  return withNats(context.reach, server, async (live) => {
    const fit = (await allStreams(live)).filter(({ config, state }) => {
      const reason = unfit(config, numberOf(state.bytes) ?? 0, MOST);
      if (reason !== undefined) context.note(`stream ${textOf(config.name) ?? ""} is left out: ${reason}`);
      return reason === undefined;
    });
    if (fit.length === 0) {
      context.note("no stream is there that could be backed up");
      return [];
    }
    const scratch = await scratchConnection(context, name);
    try {
      const evidence: Evidence[] = [];
      for (const { config } of fit) evidence.push(...(await streamBackup(context, live, scratch, config)));
      return evidence;
    } finally {
      await scratch.close();
    }
  });
}

async function streamBackup(
  context: RigContext,
  live: Nats,
  scratch: Nats,
  { name: given, retention }: JsonObject,
): Promise<Evidence[]> {
  const stream = textOf(given) ?? "";
  const backup = await backUp(live, stream, context.reach.clock);
  context.note(`stream ${stream}: an archive of ${sizeOf(backup)} bytes`);
  await restore(scratch, backup, aloneConfig(backup.config));
  const { state } = await jetStream(scratch, `STREAM.INFO.${stream}`);
  const last = numberOf(backup.state.last_seq) ?? 0;
  const messages = await fingerprints(scratch, stream, last);
  // Of other streams, a message is gone when somebody has it: nobody but their own consumers may look.
  const readable = retention === "limits";
  return streamEvidence({
    stream,
    packed: backup.state,
    restored: objectOf(state),
    messages,
    ...(readable && { live: await fingerprints(live, stream, last) }),
  });
}

interface Listed {
  config: JsonObject;
  state: JsonObject;
}

async function allStreams(nats: Nats): Promise<Listed[]> {
  const found: Listed[] = [];
  for (;;) {
    const page = await jetStream(nats, "STREAM.LIST", { offset: found.length });
    const streams = listOf(page.streams).filter(isObject);
    found.push(...streams.map(({ config, state }) => ({ config: objectOf(config), state: objectOf(state) })));
    if (streams.length === 0 || found.length >= (numberOf(page.total) ?? 0)) return found;
  }
}

/** Makes a NATS that has nothing. @returns a connection to it */
async function scratchConnection(context: RigContext, name: string): Promise<Nats> {
  const { reach } = context;
  const live = await reach.mustRead({ apiVersion: "apps/v1", kind: "StatefulSet", namespace: "nats", name: "nats" });
  const containers = listOf(at(live, "spec", "template", "spec", "containers")).filter(isObject);
  const image = textOf(containers.find((container) => container.name === "nats")?.image ?? containers[0]?.image) ?? "";
  const ref = refOf(await context.change.create(scratchNats(name, image)));
  const forward = await reach.forward({ kind: "Pod", name, namespace: "nats", port: 4222 });
  return context.waitFor({ what: `Pod nats/${name} to answer`, seconds: READY }, async (tell) => {
    const pod = await reach.mustRead(ref);
    tell(textOf(at(pod, "status", "phase")) ?? "");
    if (!isReady(pod)) return undefined;
    return connectNats(forward, undefined, `NATS of Pod nats/${name}`).catch((error: unknown) => {
      tell((error as Error).message);
      return undefined;
    });
  });
}
