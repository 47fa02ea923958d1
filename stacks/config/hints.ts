import { parseQuantity, quantityValue } from "../../components/kubernetes/quantity";
import { nearest } from "./nearest";
import type { SchemaNode } from "./schema-node";

/** A value that was probably meant, as it should be written in the file; undefined when there is no good guess. */
export function guess(text: string, node: SchemaNode): string | undefined {
  if (node.kind === "size") return guessSize(text, node.largest);
  if (node.kind === "CPU amount") return guessCpu(text);
  if (node.type === "boolean") return guessBoolean(text);
  if (node.type === "integer") return guessWhole(text, node);
  if (node.enum) return nearest(text, node.enum);
  if (node.type === "string" && node.pattern !== undefined) return guessText(text, node);
  return undefined;
}

/**
 * `5 Gib` is 5Gi; `5GB` may be 5Gi or 5G; 0.5Gi is 512Mi; a count of bytes that is even in some unit is that; 5.1Gi,
 * which is no whole number of bytes, is rounded up to 5223Mi.
 */
function guessSize(text: string, largest = "64Ti"): string | undefined {
  const match = /^([\d.]+)\s*([kmgt]?)(i?)(b|bytes?)?$/i.exec(text.trim());
  const number = Number(match?.[1]);
  if (!match || !(number > 0)) return undefined;
  const [, , letter = "", binary = "", byte = ""] = match;
  const unit = letter === "" ? "" : `${letter.toUpperCase()}i`;
  const bytes = number * (parseQuantity(`1${unit}`) ?? NaN);
  const size = number >= 1 && unit !== "" && Number.isInteger(bytes) ? `${number}${unit}` : sizeOf(bytes);
  if (size === undefined || (parseQuantity(size) ?? Infinity) > quantityValue(largest)) return undefined;
  const isAmbiguous = binary === "" && byte !== "" && unit !== "";
  return isAmbiguous ? `${size} or ${number}${letter.toUpperCase().replace("K", "k")}` : size;
}

/** Bytes in the largest unit in which they are a whole number; a fraction of a byte is rounded up to a unit of it. */
function sizeOf(bytes: number): string | undefined {
  const units = ["Ti", "Gi", "Mi", "Ki", "k"].map((unit) => ({ unit, amount: bytes / quantityValue(`1${unit}`) }));
  const whole = units.find(({ amount }) => Number.isInteger(amount));
  if (whole) return `${whole.amount}${whole.unit}`;
  const precise = Number.isInteger(bytes) ? undefined : units.find(({ amount }) => amount >= 1024);
  return precise && `${Math.ceil(precise.amount)}${precise.unit}`;
}

/** `250 m` is 250m; `2 cores` is 2; fractions below a thousandth of a core are rounded. */
function guessCpu(text: string): string | undefined {
  const match = /^([\d.]+)\s*(m|milli\w*|v?cpus?|cores?)?$/i.exec(text.trim());
  const number = Number(match?.[1]);
  if (!match || !(number > 0)) return undefined;
  const millis = Math.round(/^m/i.test(match[2] ?? "") ? number : number * 1000);
  if (millis < 1 || millis > 1024_000) return undefined;
  return millis % 1000 === 0 ? `${millis / 1000}` : `${millis}m`;
}

function guessBoolean(text: string): string | undefined {
  if (/^(true|yes|on|y|1|enabled?)$/i.test(text)) return "true";
  if (/^(false|no|off|n|0|disabled?)$/i.test(text)) return "false";
  return undefined;
}

function guessWhole(text: string, { minimum = -Infinity, maximum = Infinity }: SchemaNode): string | undefined {
  const digits = text.trim().replace(/(?<=\d)[_, ](?=\d{3})/g, "");
  const number = Number(digits);
  return digits !== "" && Number.isInteger(number) && number >= minimum && number <= maximum ? `${number}` : undefined;
}

/** Text that fits once it is in quotes, without blanks around it, or in lower case. */
function guessText(
  text: string,
  { kind, pattern = "", maxLength = Infinity, minLength = 0 }: SchemaNode,
): string | undefined {
  const tidy = text.trim();
  const lower = tidy.toLowerCase();
  const respelt = kind === "text" ? [] : [lower, lower.replaceAll(/[\s_]+/g, "-"), lower.replaceAll(/[\s-]+/g, "_")];
  const candidates = [tidy, ...respelt];
  const fits = candidates.find(
    (candidate) =>
      candidate.length <= maxLength && candidate.length >= minLength && new RegExp(pattern).test(candidate),
  );
  if (fits === undefined) return undefined;
  // Unquoted it would be a number or another value again.
  return /^[\d.+-]+$|^(true|false|null|~)$/i.test(fits) ? `"${fits}"` : fits;
}
