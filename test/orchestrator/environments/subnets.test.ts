import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { freeSubnet, holderOf, rangeOf, RESERVED, routedRanges } from "../../../orchestrator/environments/subnets";

const ROUTES = `Iface	Destination	Gateway 	Flags	RefCnt	Use	Metric	Mask		MTU	Window	IRTT
eth0	00000000	010200C0	0003	0	0	0	00000000	0	0	0
eth0	000200C0	00000000	0001	0	0	0	00FFFFFF	0	0	0
vpn0	0000C80A	00000000	0001	0	0	0	0000FFFF	0	0	0
`;

test("routes of the host are taken, but for the default one", () => {
  expect(routedRanges(ROUTES)).toEqual([
    rangeOf("192.0.2.0/24", "the host's route to 192.0.2.0 by eth0"),
    rangeOf("10.200.0.0/16", "the host's route to 10.200.0.0 by vpn0"),
  ]);
  expect(freeSubnet(routedRanges(ROUTES))).toBe("10.201.0.0/24");
});

test.each([
  ["172.30.0.0/16", "172.30.5.0/24", true],
  ["172.30.5.0/24", "172.30.0.0/16", true],
  ["172.30.0.0/16", "172.31.0.0/16", false],
  ["10.0.0.0/25", "10.0.0.128/25", false],
  ["0.0.0.0/0", "10.0.0.0/8", true],
])("%s and %s", (one, other, isTaken) => {
  expect(holderOf(one, [rangeOf(other, "it")])).toBe(isTaken ? "it" : undefined);
});

test.each([
  ["0.0.0.0/8", "the addresses of no machine"],
  ["127.1.0.0/16", "the loopback addresses"],
  ["169.254.1.0/24", "the link-local addresses"],
  ["224.0.0.0/4", "the multicast and reserved addresses"],
  ["255.255.255.0/24", "the multicast and reserved addresses"],
  ["192.168.0.0/16", undefined],
])("%s is no subnet for machines: %s", (cidr, holder) => {
  expect(holderOf(cidr, RESERVED)).toBe(holder);
});

test("what is free overlaps with nothing that is taken, until nothing is left", () => {
  const address = fc.tuple(fc.nat(255), fc.nat(255)).map(([c, d]) => `10.${200 + (c % 4)}.${c}.${d}`);
  const cidr = fc.tuple(address, fc.integer({ min: 12, max: 30 })).map(([ip, bits]) => `${ip}/${bits}`);
  fc.assert(
    fc.property(fc.array(cidr, { maxLength: 20 }), (cidrs) => {
      const taken = cidrs.map((one) => rangeOf(one, one));
      const free = freeSubnet(taken);
      if (free !== undefined) expect(holderOf(free, taken)).toBeUndefined();
    }),
    { numRuns: 100 },
  );
  expect(freeSubnet([rangeOf("10.200.0.0/14", "all")])).toBeUndefined();
});
