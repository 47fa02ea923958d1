import xxhash from "xxhash-wasm";
import { shardFunction, type ShardOf } from "../../../components/noetl/shard";
import type { Fault, Faults } from "./faults";

/** The shard function of a part, which goes wrong with its faults; without one it is the platform's own. */
export async function faultyShardFunction(
  faults: Faults,
  { seed, bigEndian }: { seed: Fault; bigEndian?: Fault },
): Promise<ShardOf> {
  const right = await shardFunction();
  const hash = await xxhash();
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  return (executionId, count) => {
    const [wrongSeed, wrongOrder] = [faults.has(seed), bigEndian !== undefined && faults.has(bigEndian)];
    if (!wrongSeed && !wrongOrder) return right(executionId, count);
    view.setBigInt64(0, executionId, !wrongOrder);
    return Number(hash.h64Raw(bytes, wrongSeed ? 1n : 0n) % BigInt(count));
  };
}
