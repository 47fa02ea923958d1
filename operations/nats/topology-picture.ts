import { counted } from "../../preview/amounts";
import { STYLE_SHEET } from "../../preview/picture-style";
import { box, element, escapeXml, text } from "../../preview/svg";
import type { NatsPlan, PlannedCluster } from "./plan";
import { clusterFacts, linksOf } from "./topology-text";

const WIDTH = 960;
const MARGIN = 28;
const GAP = 64;
const HEADER = 84;
const LINE = 20;
const STREAM_LINE = 22;

/** The plan as a self-contained SVG document that follows light and dark mode. */
export function topologyPicture(plan: NatsPlan): string {
  const { stack, clusters, streams } = plan;
  const cards = placed(clusters);
  const bottom = Math.max(HEADER, ...cards.map(({ y, height }) => y + height)) + 30;
  const lines = streams.flatMap((stream) => [
    `${stream.name}: ${stream.storage}, ${counted(stream.replicas, "copy", "copies")}, ${stream.subjects.join(", ")}`,
    ...stream.consumers.map(({ name, filterSubject }) => `    ${name}  ←  ${filterSubject}`),
  ]);
  const height = bottom + (lines.length > 0 ? 40 + lines.length * STREAM_LINE : 0) + MARGIN;
  const summary = `${counted(clusters.length, "cluster")}, ${counted(streams.length, "stream")}`;
  const content = [
    element("title", { id: "noetl-nats-title" }, escapeXml(`NATS of ${stack}`)),
    element("desc", { id: "noetl-nats-desc" }, escapeXml(summary)),
    element(
      "style",
      {},
      `${STYLE_SHEET.replace(/</g, "&lt;")}\n.np .link{stroke:#7c8a9c;stroke-width:2;fill:none}.np .dash{stroke-dasharray:6 5}`,
    ),
    box(0, 0, WIDTH, height, 14, "page"),
    text(`NATS of ${stack}`, MARGIN, 46, "h1 ink"),
    text(summary, MARGIN, 68, "sub soft"),
    ...links(cards),
    ...cards.map(card),
    ...(lines.length > 0 ? [text("Streams", MARGIN, bottom + 18, "h2 ink")] : []),
    ...lines.map((line, index) => text(line, MARGIN, bottom + 44 + index * STREAM_LINE, "name mono soft")),
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    class: "np",
    role: "img",
    "aria-labelledby": "noetl-nats-title noetl-nats-desc",
    "xml:space": "preserve",
  };
  return `${element("svg", attributes, `\n${content.join("\n")}\n`)}\n`;
}

interface Card {
  cluster: PlannedCluster;
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Two clusters side by side. */
function placed(clusters: readonly PlannedCluster[]): Card[] {
  const width = (WIDTH - 2 * MARGIN - GAP) / 2;
  let y = HEADER;
  let row = 0;
  return clusters.map((cluster, index) => {
    const left = index % 2 === 0;
    if (left && index > 0) {
      y += row + GAP;
      row = 0;
    }
    const height = 64 + (clusterFacts(cluster).length + linksOf(cluster).length) * LINE + 52;
    row = Math.max(row, height);
    return { cluster, x: left ? MARGIN : MARGIN + width + GAP, y, width, height };
  });
}

function card({ cluster, x, y, width, height }: Card): string {
  const facts = clusterFacts(cluster);
  const size = Math.min(120, (width - 36) / cluster.servers.length - 8);
  const top = y + 50 + facts.length * LINE;
  return [
    box(x, y, width, height, 12, "card"),
    text(cluster.name, x + 18, y + 30, "h2 ink"),
    ...facts.map((fact, index) => text(fact, x + 18, y + 52 + index * LINE, "fact soft")),
    ...cluster.servers.map(
      (server, index) =>
        box(x + 18 + index * (size + 8), top - 8, size, 32, 6, "inner") +
        text(server, x + 18 + index * (size + 8) + size / 2, top + 12, "fact mono ink", "middle"),
    ),
    ...linksOf(cluster).map((link, index) => text(`→ ${link}`, x + 18, top + 46 + index * LINE, "fact soft")),
  ].join("\n");
}

/** A line for each pair of clusters that are joined: drawn through for gateways, dashed for leafnodes. */
function links(cards: readonly Card[]): string[] {
  return cards.flatMap((one, index) =>
    cards.slice(index + 1).flatMap((other) => {
      const gateway =
        one.cluster.gateways.includes(other.cluster.name) || other.cluster.gateways.includes(one.cluster.name);
      const leaf = leadsTo(one.cluster, other.cluster) || leadsTo(other.cluster, one.cluster);
      if (!gateway && !leaf) return [];
      const middle = ({ x, y, width, height }: Card) => ({ x: x + width / 2, y: y + height / 2 });
      const [from, to] = [middle(one), middle(other)];
      return [element("line", { x1: from.x, y1: from.y, x2: to.x, y2: to.y, class: gateway ? "link" : "link dash" })];
    }),
  );
}

/** Hosts begin with the name of a Service, which is the StatefulSet's or begins with it. */
function leadsTo(from: PlannedCluster, to: PlannedCluster): boolean {
  return from.leafnodes.some((host) =>
    [to.statefulSet, `${to.statefulSet}-headless`].includes(host.split(".").find((part) => !/-\d+$/.test(part)) ?? ""),
  );
}
