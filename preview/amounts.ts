import { formatBytes, formatCpu, parseQuantity } from "../components/kubernetes/quantity";
import type { Json } from "./graph";

/** The value of a quantity in a manifest, in cores or bytes; undefined when there is none. */
export function quantityOf(value: Json | undefined): number | undefined {
  return typeof value === "string" || typeof value === "number" ? parseQuantity(value) : undefined;
}

/** Bytes for people; a dash when nothing is said. */
export function bytesText(bytes: number | undefined): string {
  return bytes === undefined ? "–" : formatBytes(bytes);
}

/** Cores for people; a dash when nothing is said. */
export function cpuText(cores: number | undefined): string {
  return cores === undefined ? "–" : formatCpu(cores);
}

/** `1 pod`, `2 pods`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}
