import { z } from "zod";
import type { ResourceAmounts } from "../../../components/kubernetes/resources";
import { parseQuantity, quantityValue } from "../../../components/kubernetes/quantity";
import { leaf } from "./leaf";

/**
 * A storage or memory size in bytes, as a Kubernetes quantity: `5Gi`, `512Mi`.
 *
 * @param maximum The largest size, included.
 */
export function bytes(maximum = "64Ti") {
  return leaf(
    z
      .string()
      .regex(/^[1-9]\d*(\.\d+)?(Ki|Mi|Gi|Ti|k|M|G|T)$/)
      .refine((text) => (parseQuantity(text) ?? Infinity) <= quantityValue(maximum))
      // Kubernetes warns of a fraction of a byte, and the worker ignores a cache budget that has one.
      .refine((text) => Number.isInteger(parseQuantity(text) ?? NaN)),
    {
      kind: "size",
      allowed: `a size in whole bytes such as 512Mi or 5Gi, more than 0 and at most ${maximum}`,
      largest: maximum,
    },
  );
}

/** CPU in cores, as a Kubernetes quantity: `250m`, `"2"`, `1.5`. */
export function cpu() {
  return leaf(
    z
      .union([z.string().regex(/^([1-9]\d*m|[1-9]\d*(\.\d+)?|0\.\d*[1-9]\d*)$/), z.number().positive()])
      .refine((value) => (parseQuantity(value) ?? Infinity) <= 1024)
      .refine((value) => isWholeMillis(parseQuantity(value) ?? NaN)),
    {
      kind: "CPU amount",
      allowed: "CPU such as 250m, 2 or 1.5, in steps of 1m, more than 0 and at most 1024 cores",
      largest: "1024",
    },
  );
}

/** Kubernetes counts CPU in thousandths of a core. */
function isWholeMillis(cores: number): boolean {
  return Math.abs(cores * 1000 - Math.round(cores * 1000)) < 1e-6;
}

/** How many servers a NATS cluster has. */
export function clusterSize() {
  return leaf(z.union([z.literal(1), z.literal(3), z.literal(5)]), {
    kind: "odd number",
    allowed: "1, 3 or 5: an even number would survive no more losses than the odd one below it",
  });
}

/** A whole number within bounds, both included. */
export function whole(minimum: number, maximum: number) {
  return leaf(z.int().min(minimum).max(maximum), {
    kind: "whole number",
    allowed: `a whole number from ${minimum} to ${maximum}`,
  });
}

/** Requests and limits of a container. */
export function resources(defaults: ResourceAmounts) {
  return z
    .strictObject({
      requests: z
        .strictObject({
          cpu: cpu().default(defaults.requests.cpu).describe("CPU the scheduler reserves."),
          memory: bytes().default(defaults.requests.memory).describe("Memory the scheduler reserves."),
        })
        .prefault({})
        .describe("What a container is guaranteed."),
      limits: z
        .strictObject({
          cpu: cpu().default(defaults.limits.cpu).describe("CPU above which the container is throttled."),
          memory: bytes().default(defaults.limits.memory).describe("Memory above which the container is killed."),
        })
        .prefault({})
        .describe("What a container may use at most."),
    })
    .prefault({})
    .describe("CPU and memory of each container.");
}
