import type { Style } from "../style";
import { deviation, spreadOf, titleOf, type Distribution } from "./distribution";

/** More bars than these tell a reader nothing; the line below them does. */
const MOST_BARS = 64;
const BAR = 40;

/** A distribution as bars, one a shard, and the spread below them. */
export function distributionText(shown: Distribution, paint: Style): string {
  const lines = [paint.bold(titleOf(shown)), ""];
  if (shown.counts.length <= MOST_BARS) lines.push(...bars(shown, paint), "");
  lines.push(spreadOf(shown));
  return `${lines.join("\n")}\n`;
}

function bars(shown: Distribution, paint: Style): string[] {
  const { counts, highest } = shown;
  const most = counts[highest] ?? 1;
  const indexWidth = String(counts.length - 1).length;
  const countWidth = String(most).length;
  return counts.map((count, shard) => {
    const bar = "█".repeat(Math.round((count / most) * BAR)).padEnd(BAR);
    return `${String(shard).padStart(indexWidth)}  ${paint.cyan(bar)}  ${String(count).padStart(countWidth)}  ${deviation(shown, shard)}`;
  });
}
