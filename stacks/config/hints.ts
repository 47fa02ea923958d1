import { parseQuantity } from "../../components/kubernetes/quantity";
import { nearest } from "./nearest";
import type { SchemaNode } from "./schema-node";

/** A value that was probably meant, as it should be written in the file; undefined when there is no good guess. */
export function guess(text: string, node: SchemaNode): string | undefined {
  if (node.kind === "size") return guessSize(text);
  if (node.kind === "CPU amount") return guessCpu(text);
  if (node.type === "boolean") return guessBoolean(text);
  if (node.type === "integer") return guessWhole(text, node);
  if (node.enum) return nearest(text, node.enum);
  if (node.type === "string" && node.pattern !== undefined) return guessText(text, node);
  return undefined;
}

const SIZE_UNITS: Record<string, string> = { k: "Ki", m: "Mi", g: "Gi", t: "Ti" };

/** `5 Gib` is 5Gi; `5GB` may be 5Gi or 5G; 0.5Gi is 512Mi; a count of bytes that is even in some unit is that. */
function guessSize(text: string): string | undefined {
  const match = /^([\d.]+)\s*([kmgt]?)(i?)(b|bytes?)?$/i.exec(text.trim());
  if (!match) return undefined;
  const [, digits = "", letter = "", binary = "", byte = ""] = match;
  const number = Number(digits);
  if (!(number > 0)) return undefined;
  if (letter === "") return sizeOfBytes(number);
  const unit = SIZE_UNITS[letter.toLowerCase()] ?? "";
  const size = wholeUnits(number, unit);
  const isExact = binary !== "" || byte === "";
  return size === undefined || isExact ? size : `${size} or ${number}${unit.slice(0, 1).replace("K", "k")}`;
}

/** A size with digits that the schema accepts: no leading zero. */
function wholeUnits(number: number, unit: string): string | undefined {
  if (number >= 1) return fitting(`${number}${unit}`);
  const bytes = (parseQuantity(`1${unit}`) ?? NaN) * number;
  return sizeOfBytes(bytes);
}

function sizeOfBytes(bytes: number): string | undefined {
  const unit = ["Ti", "Gi", "Mi", "Ki", "k"].find((unit) =>
    Number.isInteger(bytes / (parseQuantity(`1${unit}`) ?? NaN)),
  );
  return unit === undefined ? undefined : fitting(`${bytes / (parseQuantity(`1${unit}`) ?? NaN)}${unit}`);
}

function fitting(size: string): string | undefined {
  return (parseQuantity(size) ?? Infinity) <= (parseQuantity("64Ti") ?? 0) ? size : undefined;
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
  { pattern = "", maxLength = Infinity, minLength = 0 }: SchemaNode,
): string | undefined {
  const tidy = text.trim();
  const candidates = [
    tidy,
    tidy.toLowerCase(),
    tidy.toLowerCase().replaceAll(/[\s_]+/g, "-"),
    tidy.toLowerCase().replaceAll(/[\s-]+/g, "_"),
  ];
  const fits = candidates.find(
    (candidate) =>
      candidate.length <= maxLength && candidate.length >= minLength && new RegExp(pattern).test(candidate),
  );
  if (fits === undefined) return undefined;
  // Unquoted it would be a number or another value again.
  return /^[\d.+-]+$|^(true|false|null|~)$/i.test(fits) ? `"${fits}"` : fits;
}
