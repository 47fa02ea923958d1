import { Listening } from "./http";
import type { Address, Place } from "./place";
import { shardAnswer } from "./server";
import { faultyShardFunction } from "./shard";

/** A NoETL gateway for tests: health, and where it would send an execution. */
export class ContractGateway {
  private constructor(
    private readonly listening: Listening,
    private readonly port: number,
  ) {}

  static async start(place: Place): Promise<ContractGateway> {
    const shardOf = await faultyShardFunction(place.faults, { seed: "gateway hash seed off by one" });
    const listening = await Listening.start({
      "GET /health": () => ({ json: { status: "ok" } }),
      "GET /sharding/preview": ({ query }) => ({ json: shardAnswer(query, shardOf, "noetl-gateway") }),
    });
    return new ContractGateway(listening, Number(place.env.ROUTER_PORT ?? 8090));
  }

  /** Where it listens here, by the port of its container. */
  get endpoints(): ReadonlyMap<number, Address> {
    return new Map([[this.port, this.listening.address]]);
  }

  stop(): Promise<void> {
    return this.listening.stop();
  }
}
