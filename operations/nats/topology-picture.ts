import { counted } from "../../preview/amounts";
import { drawing } from "../../preview/drawing";
import { monoWidth, sansWidth } from "../../preview/picture-style";
import { box, element, text } from "../../preview/svg";
import type { NatsPlan, PlannedCluster } from "./plan";
import { clusterFacts, linksOf } from "./topology-text";

const WIDTH = 960;
const MARGIN = 28;
const GAP = 48;
const ROW_GAP = 40;
const HEADER = 92;
const LINE = 20;
/** Servers side by side in a card, and the height of a row of them with its gap. */
const ACROSS = 3;
const SERVER = 38;
const STREAM_LINE = 22;
const LINKS = ".np .link{stroke:#7c8a9c;stroke-width:2;fill:none}.np .dash{stroke-dasharray:6 5}";

/** The plan as a self-contained SVG document that follows light and dark mode. */
export function topologyPicture(plan: NatsPlan): string {
  const { stack, clusters, streams } = plan;
  const cards = placed(clusters);
  const bottom = Math.max(HEADER, ...cards.map(({ y, height }) => y + height)) + 30;
  const lines = streams.flatMap((stream) => [
    {
      indent: 0,
      line: `${stream.name}: ${stream.storage}, ${counted(stream.replicas, "copy", "copies")}, ${stream.subjects.join(", ")}`,
    },
    ...stream.consumers.map(({ name, filterSubject }) => ({ indent: 20, line: `${name} ← ${filterSubject}` })),
  ]);
  const height = bottom + (lines.length > 0 ? 40 + lines.length * STREAM_LINE : 0) + MARGIN;
  const summary = `${counted(clusters.length, "cluster")}, ${counted(streams.length, "stream")}`;
  return drawing({ id: "nats", title: `NATS of ${stack}`, description: summary, width: WIDTH, height, styles: LINKS }, [
    text(`NATS of ${stack}`, MARGIN, 46, "h1 ink"),
    text(summary, MARGIN, 68, "sub soft"),
    ...links(cards),
    ...cards.map(card),
    ...(lines.length > 0 ? [text("Streams", MARGIN, bottom + 18, "h2 ink")] : []),
    ...lines.map(({ indent, line }, index) =>
      text(line, MARGIN + indent, bottom + 44 + index * STREAM_LINE, `name mono ${indent === 0 ? "ink" : "soft"}`),
    ),
  ]);
}

interface Card {
  cluster: PlannedCluster;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Two clusters side by side, each namespace in rows of its own. */
function placed(clusters: readonly PlannedCluster[]): Card[] {
  const width = (WIDTH - 2 * MARGIN - GAP) / 2;
  let y = HEADER;
  return rowsOf(clusters).flatMap((row) => {
    const height = Math.max(...row.map(heightOf));
    const cards = row.map((cluster, index) => ({ cluster, x: MARGIN + index * (width + GAP), y, width, height }));
    y += height + ROW_GAP;
    return cards;
  });
}

function rowsOf(clusters: readonly PlannedCluster[]): PlannedCluster[][] {
  const rows: PlannedCluster[][] = [];
  for (const cluster of clusters) {
    const row = rows.at(-1);
    if (row?.length === 1 && row[0]?.namespace === cluster.namespace) row.push(cluster);
    else rows.push([cluster]);
  }
  return rows;
}

function heightOf(cluster: PlannedCluster): number {
  const lines = clusterFacts(cluster).length + linksOf(cluster).length;
  return 60 + lines * LINE + Math.ceil(cluster.servers.length / ACROSS) * SERVER;
}

function card({ cluster, x, y, width, height }: Card): string {
  const facts = clusterFacts(cluster);
  const left = x + 18;
  const room = width - 36;
  // Sizes of the style sheet's fonts: `fact` has 11 pixels, `h2` 15.
  const letter = sansWidth("n", 11);
  const size = (room - (ACROSS - 1) * 8) / ACROSS;
  const top = y + 46 + facts.length * LINE;
  const bottom = top + Math.ceil(cluster.servers.length / ACROSS) * SERVER;
  return [
    box(x, y, width, height, 12, "card"),
    text(cut(cluster.name, sansWidth("n", 15), room), left, y + 30, "h2 ink"),
    ...facts.map((fact, index) => text(cut(fact, letter, room), left, y + 52 + index * LINE, "fact soft")),
    ...cluster.servers.map((server, index) => {
      const [column, row] = [left + (index % ACROSS) * (size + 8), top + Math.floor(index / ACROSS) * SERVER];
      const name = cut(server, monoWidth("n", 11), size - 8);
      return (
        box(column, row, size, 32, 6, "inner") + text(name, column + size / 2, row + 20, "fact mono ink", "middle")
      );
    }),
    ...linksOf(cluster).map((link, index) =>
      text(cut(`→ ${link}`, letter, room), left, bottom + 14 + index * LINE, "fact soft"),
    ),
  ].join("\n");
}

/** A text cut in the middle so that it fits: names of servers and domains differ at their ends. */
function cut(content: string, letter: number, room: number): string {
  const letters = Math.floor(room / letter);
  if (content.length <= letters) return content;
  const end = Math.floor(letters / 2);
  return `${content.slice(0, letters - end - 1)}…${content.slice(-end)}`;
}

/** A line for each pair of clusters that are joined: drawn through for gateways, dashed for leafnodes. */
function links(cards: readonly Card[]): string[] {
  return cards.flatMap((one, index) =>
    cards.slice(index + 1).flatMap((other) => {
      const gateway = joined(one, other, ({ gateways }) => gateways);
      const leaf = joined(one, other, ({ leafnodes }) => (leafnodes ? [leafnodes.hub] : []));
      if (!gateway && !leaf) return [];
      const middle = ({ x, y, width, height }: Card) => ({ x: x + width / 2, y: y + height / 2 });
      const [from, to] = [middle(one), middle(other)];
      return [element("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: gateway ? "link" : "link dash" })];
    }),
  );
}

function joined(one: Card, other: Card, peers: (cluster: PlannedCluster) => readonly string[]): boolean {
  return peers(one.cluster).includes(other.cluster.name) || peers(other.cluster).includes(one.cluster.name);
}
