/** A range of IPv4 addresses, both ends included. */
export interface AddressRange {
  first: number;
  last: number;
}

/** Reads `10.0.0.0/8`; whatever comes behind the prefix's length is the same range. */
export function rangeOf(cidr: string): AddressRange {
  const [address = "", length = "32"] = cidr.split("/");
  const number = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}

/** How many addresses a range has. */
export function sizeOf(cidr: string): number {
  const { first, last } = rangeOf(cidr);
  return last - first + 1;
}

/** Whether two ranges have an address in common. */
export function overlaps(one: string, other: string): boolean {
  const [a, b] = [rangeOf(one), rangeOf(other)];
  return a.first <= b.last && b.first <= a.last;
}
