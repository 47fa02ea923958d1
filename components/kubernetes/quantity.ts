/** A Kubernetes resource quantity as manifests write it: `"5Gi"`, `"250m"`, `2`. */
export type Quantity = string | number;

const FACTORS: Record<string, number> = {
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/**
 * The value of a quantity in its base unit: bytes for storage and memory, cores for CPU.
 *
 * @returns undefined when the text is not a quantity.
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(quantity: Quantity): number | undefined {
  if (typeof quantity === "number") return Number.isFinite(quantity) ? quantity : undefined;
  const match = /^(\d+)(?:\.(\d+))?(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/.exec(quantity);
  if (!match) return undefined;
  const [, whole = "", decimals = "", unit = ""] = match;
  // Divided at the end, so that 129.3G is exactly the whole number it is.
  return (Number(whole + decimals) * (FACTORS[unit] ?? NaN)) / 10 ** decimals.length;
}

/**
 * Like {@link parseQuantity}, for values that have passed the schema.
 *
 * @throws Error when the text is not a quantity: a bug here, never the user's mistake.
 */
export function quantityValue(quantity: Quantity): number {
  const value = parseQuantity(quantity);
  if (value === undefined) throw new Error(`not a quantity: ${quantity}`);
  return value;
}

/** Bytes as people write them, binary units, at most two digits after the point: `1.25Gi`. */
export function formatBytes(bytes: number): string {
  for (const unit of ["Pi", "Ti", "Gi", "Mi", "Ki"] as const) {
    const factor = FACTORS[unit] ?? 1;
    if (bytes >= factor) return `${trimNumber(bytes / factor)}${unit}`;
  }
  return trimNumber(bytes);
}

/** CPU cores as people write them: `250m` below one core, `1.5` above. */
export function formatCpu(cores: number): string {
  return cores < 1 ? `${trimNumber(cores * 1000)}m` : trimNumber(cores);
}

function trimNumber(value: number): string {
  return String(Math.round(value * 100) / 100);
}
