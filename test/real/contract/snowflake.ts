/** 2024-01-01 UTC, the beginning of all ids, in milliseconds. */
const EPOCH = 1_704_067_200_000n;
const SEQUENCE_BITS = 12n;
const MACHINE_BITS = 10n;
const LAST_SEQUENCE = (1n << SEQUENCE_BITS) - 1n;

/** Machines that can be told apart. */
export const MACHINES = 1 << Number(MACHINE_BITS);

/** Makes ids: 41 bits of milliseconds, 10 of the machine, 12 of a sequence. */
export class Snowflake {
  #millisecond = 0n;
  #sequence = 0n;

  constructor(private readonly machineId: number) {}

  /** A new id, larger than all before. */
  next(): bigint {
    const now = BigInt(Date.now()) - EPOCH;
    if (now > this.#millisecond) {
      this.#millisecond = now;
      this.#sequence = 0n;
    } else if (this.#sequence < LAST_SEQUENCE) {
      this.#sequence += 1n;
    } else {
      // A busy millisecond borrows from the next one.
      this.#millisecond += 1n;
      this.#sequence = 0n;
    }
    return (
      (this.#millisecond << (MACHINE_BITS + SEQUENCE_BITS)) | (BigInt(this.machineId) << SEQUENCE_BITS) | this.#sequence
    );
  }
}

/** The machine of a host that was given none: FNV-1a of its name, cut to ten bits; two names may share one. */
export function machineOf(hostname: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(hostname)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash % MACHINES;
}
