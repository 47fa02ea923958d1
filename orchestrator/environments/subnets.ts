/** Addresses from the first to the last, as numbers. */
export interface Range {
  first: number;
  last: number;
  /** Who has it, for people. */
  holder: string;
}

/** Where free subnets are looked for: 1,024 of 256 addresses, in a part of 10.0.0.0/8 that few use. */
const POOL = "10.200.0.0/14";
const SIZE = 256;

/** The addresses of a subnet as `10.1.0.0/16`; also of one with host bits, which Docker refuses later. */
export function rangeOf(cidr: string, holder: string): Range {
  const [address = "", bits = "32"] = cidr.split("/");
  const size = 2 ** (32 - Number(bits));
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const first = number - (number % size);
  return { first, last: first + size - 1, holder };
}

/** The subnet as its first address names it: 10.1.2.3/24 is 10.1.2.0/24. */
export function firstOf(cidr: string): string {
  return `${dotted(rangeOf(cidr, "").first)}/${cidr.split("/")[1] ?? "32"}`;
}

/** Why a subnet cannot have so many nodes: the first and the last address are no machine's, and one is the gateway's. */
export function roomProblem(cidr: string, nodes: number): string | undefined {
  const { first, last } = rangeOf(cidr, "");
  const room = Math.max(0, last - first + 1 - 3);
  return nodes <= room ? undefined : `${cidr} has addresses for ${room}, there are ${nodes} nodes; name a larger one`;
}

/** Addresses that mean something else on every machine. */
export const RESERVED: readonly Range[] = [
  rangeOf("0.0.0.0/8", "the addresses of no machine"),
  rangeOf("127.0.0.0/8", "the loopback addresses"),
  rangeOf("169.254.0.0/16", "the link-local addresses"),
  rangeOf("224.0.0.0/3", "the multicast and reserved addresses"),
];

/** Whoever has addresses of a subnet already. */
export function holderOf(cidr: string, taken: readonly Range[]): string | undefined {
  const { first, last } = rangeOf(cidr, "");
  return taken.find((range) => range.first <= last && first <= range.last)?.holder;
}

/** The first free subnet; undefined when there is none. */
export function freeSubnet(taken: readonly Range[]): string | undefined {
  const { first, last } = rangeOf(POOL, "");
  for (let at = first; at < last; at += SIZE) {
    const cidr = `${dotted(at)}/24`;
    if (holderOf(cidr, taken) === undefined) return cidr;
  }
  return undefined;
}

/**
 * The subnets that this host has routes to.
 *
 * @param table As Linux tells it in /proc/net/route.
 */
export function routedRanges(table: string): Range[] {
  return table
    .split("\n")
    .slice(1)
    .flatMap((line): Range[] => {
      const [device, destination = "", , , , , , mask = ""] = line.split(/\s+/);
      if (device === undefined || !/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask)) return [];
      const size = 2 ** 32 - swapped(mask);
      // The default route leads everywhere, and takes nothing.
      if (size === 2 ** 32) return [];
      const first = swapped(destination);
      return [{ first, last: first + size - 1, holder: `the host's route to ${dotted(first)} by ${device}` }];
    });
}

/** Its bytes stand in the order of the machine, which is little-endian wherever Docker runs. */
function swapped(hex: string): number {
  return Buffer.from(hex, "hex").readUInt32LE();
}

function dotted(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}
