import { drawing } from "../drawing";
import { box, text } from "../svg";
import { deviation, spreadOf, titleOf, type Distribution } from "./distribution";

const WIDTH = 900;
const MARGIN = 28;
const TOP = 92;
const PLOT = 240;
const HEIGHT = TOP + PLOT + 56;
/** Room of one shard below which its name and number would touch the next ones. */
const LABEL_ROOM = 34;

/** A distribution as a self-contained SVG document: a bar for each shard, and a line where all would be equal. */
export function distributionPicture(shown: Distribution): string {
  const title = titleOf(shown);
  const spread = spreadOf(shown);
  return drawing({ id: "shards", title, description: spread, width: WIDTH, height: HEIGHT }, [
    text("Where executions go", MARGIN, 44, "h2 ink"),
    text(`${title}; ${spread}`, MARGIN, 66, "sub soft"),
    ...bars(shown),
    meanLine(shown),
  ]);
}

function bars(shown: Distribution): string[] {
  const { counts } = shown;
  const room = (WIDTH - 2 * MARGIN) / counts.length;
  const gap = Math.min(8, room / 4);
  return counts.flatMap((count, shard) => {
    const x = MARGIN + shard * room + gap / 2;
    const height = heightOf(shown, count);
    const bar = box(x, TOP + PLOT - height, room - gap, height, Math.min(3, room / 4), "workload-ink");
    if (room < LABEL_ROOM) return [bar];
    const middle = x + (room - gap) / 2;
    return [
      bar,
      text(String(shard), middle, TOP + PLOT + 18, "name mono ink", "middle"),
      text(deviation(shown, shard), middle, TOP + PLOT + 36, "fact soft", "middle"),
    ];
  });
}

function meanLine(shown: Distribution): string {
  const y = TOP + PLOT - heightOf(shown, shown.mean);
  return box(MARGIN, y - 0.5, WIDTH - 2 * MARGIN, 1, 0, "warn");
}

/** Pixels of a number of ids; the fullest shard reaches the top. */
function heightOf({ counts, highest }: Distribution, ids: number): number {
  return (ids / (counts[highest] ?? 1)) * PLOT;
}
