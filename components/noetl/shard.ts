import xxhash from "xxhash-wasm";

/** Shards that a cluster may have; the server refuses more. */
export const MAX_SHARDS = 1024;

/** Ids are signed 64-bit integers: more than a JavaScript number holds exactly. */
const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

/**
 * The shard that owns an execution.
 *
 * @param executionId A signed 64-bit integer.
 * @param count Shards of the cluster, 1 to {@link MAX_SHARDS}.
 * @throws RangeError when either is out of range: callers check what users write.
 */
export type ShardOf = (executionId: bigint, count: number) => number;

/**
 * The platform's shard function, the same in server and gateway: XxHash64 with seed 0 over the eight little-endian bytes
 * of the id, modulo the number of shards. It must never change: every execution's place depends on it.
 */
export async function shardFunction(): Promise<ShardOf> {
  const hash = await xxhash();
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  return (executionId, count) => {
    if (executionId < LOWEST || executionId > HIGHEST) throw new RangeError(`no 64-bit id: ${executionId.toString()}`);
    if (!Number.isInteger(count) || count < 1 || count > MAX_SHARDS) throw new RangeError(`no shard count: ${count}`);
    view.setBigInt64(0, executionId, true);
    return Number(hash.h64Raw(bytes, 0n) % BigInt(count));
  };
}

/**
 * An execution id as people and APIs write it: decimal, perhaps with a sign.
 *
 * @returns undefined when the text is not a signed 64-bit integer.
 */
export function parseExecutionId(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,40}$/.test(text)) return undefined;
  const id = BigInt(text.replace(/^\+/, ""));
  return id < LOWEST || id > HIGHEST ? undefined : id;
}
