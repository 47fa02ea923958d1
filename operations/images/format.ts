import { impactOf, type ImpactReport } from "../../preview/impact/report";
import type { Style } from "../../preview/style";
import type { Outcome } from "./bump";
import type { VerifiedImage } from "./verify";

/** What a run has done, or would do. */
export interface BumpReport {
  stack: string;
  context: string;
  namespace: string;
  /** Through the stack file, or straight on the cluster. */
  way: "stack" | "live";
  dryRun: boolean;
  images: ImageReport[];
  components: Outcome[];
  /** What Kubernetes does with the change; in a dry run. */
  impact?: ImpactReport;
  /** What was not looked at, and why. */
  notes: string[];
}

/** An image that was asked for. */
export interface ImageReport {
  /** As it is set. */
  image: string;
  digest?: string;
  platforms?: string[];
  signed: boolean;
  /** Whether its registry has it; `skipped` where nobody was asked. */
  probe: "found" | "skipped";
}

export function imageReport({ reference, digest, platforms, signed }: VerifiedImage): ImageReport {
  return {
    image: reference,
    ...(digest !== undefined && { digest }),
    ...(platforms !== undefined && { platforms }),
    signed,
    probe: digest === undefined ? "skipped" : "found",
  };
}

/** A report for people. */
export function formatBump({ images, components, impact, notes, dryRun }: BumpReport, paint: Style): string {
  const colours = { changed: paint.green, unchanged: paint.dim, failed: paint.red, skipped: paint.yellow };
  const name = Math.max(...components.map(({ component }) => component.length));
  const word = (result: Outcome["result"]): string => (dryRun && result === "changed" ? "would change" : result);
  const width = Math.max(...components.map(({ result }) => word(result).length));
  const rows = components.flatMap((row) => {
    const detail = (text: string): string => paint.dim(formatRow(["", "", text], [name, width]));
    return [
      formatRow([row.component, colours[row.result](word(row.result).padEnd(width)), row.new], [name]),
      ...(row.old === undefined || row.old === row.new ? [] : [detail(`was ${row.old}`)]),
      ...(row.reason === undefined ? [] : [detail(row.reason)]),
      ...(row.log ?? []).map((line) => detail(`| ${line}`)),
      ...row.next.map((step) => detail(`next: ${step}`)),
    ];
  });
  return [
    ...images.map((image) => formatImage(image, paint)),
    ...rows,
    ...(impact === undefined ? [] : [paint.bold("impact"), ...impactLines(impact).map((line) => `  ${line}`)]),
    ...notes.map((note) => paint.dim(`note: ${note}`)),
    ...(dryRun ? ["nothing was changed"] : []),
    "",
  ].join("\n");
}

function formatImage({ image, digest, platforms = [], signed, probe }: ImageReport, paint: Style): string {
  const facts =
    probe === "skipped"
      ? ["no registry was asked"]
      : [digest ?? "", platforms.join(", "), ...(signed ? ["signed"] : [])];
  return [paint.bold(image), ...facts.map((fact) => paint.dim(`  ${fact}`))].join("\n");
}

/** What Kubernetes does, in lines for people. */
function impactLines({ resources }: ImpactReport): string[] {
  return resources.flatMap((resource) => {
    const { kind, namespace, name, effects, rollout } = resource;
    const place = `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
    const pods = rollout && `, ${rollout.pods} pods, ${rollout.unavailable} away at a time`;
    return [`${impactOf(resource)}  ${place}${pods ?? ""}: ${effects.map(({ reason }) => reason).join("; ")}`];
  });
}

/** A line of columns, indented; the last one is as long as it is. @param widths of all but the last */
export function formatRow(cells: readonly string[], widths: readonly number[]): string {
  return `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd();
}
