import { BlockList, isIPv6 } from "node:net";
import type { Json } from "../graph";
import { at, listOf, textOf } from "../json";

/** Whether an IPv4 or IPv6 address lies in an ipBlock: within its `cidr` and in none of `except`. */
export function isInBlock(block: Json, address: string): boolean {
  const excepted = listOf(at(block, "except")).map((range) => textOf(range) ?? "");
  return isInRange(textOf(at(block, "cidr")) ?? "", address) && !excepted.some((range) => isInRange(range, address));
}

/** Whether an address lies in a range in CIDR notation; one of the other family never does. */
function isInRange(cidr: string, address: string): boolean {
  const [network = "", bits = ""] = cidr.split("/");
  if (isIPv6(network) !== isIPv6(address)) return false;
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return list.check(address, family);
}
