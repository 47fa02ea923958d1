import { describe, expect, test } from "@jest/globals";
import * as fc from "fast-check";
import { overlaps, rangeOf, sizeOf } from "../../../components/gcp/cidr";
import { defaultConnections, tierOf } from "../../../components/gcp/tiers";

describe("address ranges", () => {
  test.each([
    ["10.0.0.0/8", "10.255.0.0/16", true],
    ["10.10.0.0/20", "10.10.16.0/20", false],
    ["10.10.0.0/20", "10.10.15.255/32", true],
    ["0.0.0.0/0", "255.255.255.255/32", true],
    ["10.1.2.3/16", "10.1.0.0/24", true],
  ])("%s and %s have an address in common: %s", (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });

  test("a range has as many addresses as its length says, and each of them is in it", () => {
    const octet = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(octet, octet, octet, octet), fc.integer({ min: 0, max: 32 }), (octets, length) => {
        const address = octets.join(".");
        const cidr = `${address}/${length}`;
        const { first, last } = rangeOf(cidr);
        expect(sizeOf(cidr)).toBe(2 ** (32 - length));
        expect(last - first + 1).toBe(sizeOf(cidr));
        expect(overlaps(cidr, `${address}/32`)).toBe(true);
      }),
    );
  });
});

describe("machines of Cloud SQL", () => {
  test.each([
    ["db-f1-micro", 25],
    ["db-g1-small", 50],
    ["db-custom-1-3840", 100],
    ["db-custom-2-7680", 400],
    ["db-custom-4-15360", 500],
    ["db-custom-8-30720", 600],
    ["db-custom-16-61440", 800],
    ["db-custom-32-122880", 1000],
    ["db-perf-optimized-N-2", 500],
    ["db-perf-optimized-N-128", 1000],
  ])("%s takes %d connections unless a flag says otherwise", (name, connections) => {
    const tier = tierOf(name);
    expect(typeof tier === "string" ? tier : defaultConnections(tier)).toBe(connections);
  });

  test.each([
    ["db-custom-3-7680", "has 3 cores; 1, or an even number up to 96, is possible"],
    ["db-custom-98-256000", "has 98 cores; 1, or an even number up to 96, is possible"],
    ["db-custom-2-7700", "has 7700 MiB; with 2 cores, 3840 to 13312 in steps of 256 are possible"],
    ["db-custom-2-3584", "has 3584 MiB; with 2 cores, 3840 to 13312 in steps of 256 are possible"],
    ["db-custom-8-7168", "has 7168 MiB; with 8 cores, 7424 to 53248 in steps of 256 are possible"],
    ["db-n1-standard-1", "is no machine of Cloud SQL for PostgreSQL"],
    ["db-perf-optimized-N-3", "is no machine of Cloud SQL for PostgreSQL"],
  ])("%s %s", (name, problem) => {
    expect(tierOf(name)).toBe(problem);
  });
});
