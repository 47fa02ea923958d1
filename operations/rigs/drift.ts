import { parseExecutionId, type ShardOf, shardFunction } from "../../components/noetl/shard";
import { UserError } from "../../stacks/errors";
import type { RigContext } from "./context";
import { describe, shardIndexIn } from "./noetl";
import type { Endpoint } from "./reach";
import type { HttpAnswer } from "./http";

/** Ids whose bytes are of every kind: small, large, negative, and one that a server has made. */
const EXECUTION_IDS: readonly bigint[] = [
  "1",
  "42",
  "9999999999",
  "320816801799737344",
  "9223372036854775807",
  "-1",
].flatMap((text) => parseExecutionId(text) ?? []);

const SHARD_COUNTS: readonly number[] = [2, 4, 16, 64, 1024];

/** Compares server, gateway and this platform's own function over all pairs of id and number of shards. */
export async function compareShards(context: RigContext, gateway: Endpoint): Promise<void> {
  const shardOf: ShardOf = await shardFunction();
  for (const id of EXECUTION_IDS) {
    for (const count of SHARD_COUNTS) {
      const [server, preview] = await Promise.all([
        serverSays(context, id, count),
        gatewaySays(context, gateway, id, count),
      ]);
      const own = shardOf(id, count);
      context.expect(
        `shard of execution ${id.toString()} with ${count} shards`,
        `server ${own}, gateway ${own}`,
        `server ${server}, gateway ${preview}`,
      );
    }
  }
}

/** Asks both for one pair, so that a service that is not there is told once, and not thirty times. */
export async function probeShards(context: RigContext, gateway: Endpoint): Promise<void> {
  const [id = 1n] = EXECUTION_IDS;
  const answers: [string, HttpAnswer][] = [
    ["GET /api/runtime/shard-info of the server", await context.noetl.shardInfo(id, 2)],
    ["GET /sharding/preview of the gateway", await previewOf(context, gateway, id, 2)],
  ];
  const wrong = answers.filter(([, answer]) => shardIndexIn(answer) === undefined);
  if (wrong.length > 0)
    throw new UserError(wrong.map(([what, answer]) => `${what} gives no shard_index: ${describe(answer)}`).join("\n"));
}

async function serverSays(context: RigContext, id: bigint, count: number): Promise<string> {
  return said(() => context.noetl.shardInfo(id, count));
}

async function gatewaySays(context: RigContext, gateway: Endpoint, id: bigint, count: number): Promise<string> {
  return said(() => previewOf(context, gateway, id, count));
}

/** An answer that does not come is as wrong as one that is not right. */
async function said(look: () => Promise<HttpAnswer>): Promise<string> {
  try {
    const answer = await look();
    return shardIndexIn(answer)?.toString() ?? `says nothing (${describe(answer)})`;
  } catch (error) {
    if (error instanceof UserError) return `does not answer (${error.message})`;
    throw error;
  }
}

function previewOf(context: RigContext, gateway: Endpoint, id: bigint, count: number): Promise<HttpAnswer> {
  const path = `/sharding/preview?execution_id=${id.toString()}&shard_count=${count}`;
  return context.ask(gateway, { path });
}
