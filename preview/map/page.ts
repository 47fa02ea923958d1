import { join } from "node:path";
import type { ResourceGraph } from "../graph";
import { DOM_SCRIPT, inScript, pagePolicy, pageStyle, scriptOf } from "../html/parts";
import { IMPACTS, type ImpactReport } from "../impact/report";
import { STYLE_SHEET } from "../picture-style";
import { element, escapeXml } from "../svg";
import { IMPACT_STYLES } from "./impact-style";
import { mapOf, type Place, type PlatformMap } from "./map";
import { pageData } from "./page-data";
import { descriptionOf, MAP_RULES, sketchOf, type Sketch } from "./picture";

/** A picture that is made to fit is not made narrower than that: names in it must stay readable. */
const LEAST_WIDTH = 1_000;

/**
 * A platform as one HTML page that needs nothing else: the picture, an outline with search, and the manifest of each
 * resource. It asks no machine for anything, and runs no script but its own, by hash.
 *
 * @param report What a change does: the page has its colours, signs, reasons and legend.
 */
export function graphPage(graph: ResourceGraph, report?: ImpactReport): string {
  const map = mapOf(graph, report);
  const sketch = sketchOf(map);
  const least = `#picture svg{min-width:${Math.min(sketch.width, LEAST_WIDTH)}px}`;
  // Paper is light.
  const drawn = [STYLE_SHEET, MAP_RULES].join("\n").replaceAll("@media (prefers", "@media screen and (prefers");
  const style = [drawn, pageStyle(join(__dirname, "page.css")), `@media screen{${least}}`].join("\n");
  const script = scriptOf([DOM_SCRIPT, join(__dirname, "browser", "page.js")]);
  const title = report
    ? `What a change of ${map.project} ${map.stack} does`
    : `The platform ${map.project} ${map.stack}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escapeXml(pagePolicy(style, script))}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escapeXml(title)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<h1>${escapeXml(`${map.project} ${map.stack}`)}</h1>
<p>${escapeXml(descriptionOf(map))}</p>
${legend(map)}
<p class="keys"><kbd>/</kbd> search <kbd>↑</kbd><kbd>↓</kbd> move <kbd>Enter</kbd> open <kbd>Esc</kbd> close</p>
</header>
<main>
<nav aria-label="Outline">
<label for="search">Search name, kind, or text of a manifest</label>
<input id="search" type="search" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
<p id="found" role="status"></p>
<ul id="tree" role="tree" aria-label="Components and resources">${map.roots.map((place) => item(place, 1)).join("")}</ul>
</nav>
<section id="picture" tabindex="0" role="region" aria-label="Picture">
<div class="tools" role="group" aria-label="Size of the picture"><button type="button" id="fit" aria-pressed="true">Fit</button><button type="button" id="full" aria-pressed="false">Actual size</button></div>
${picture(sketch)}
</section>
<aside id="panel" aria-labelledby="panel-title" hidden></aside>
</main>
<script type="application/json" id="data">${inScript(pageData(map))}</script>
<script>${script}</script>
</body>
</html>
`;
}

function legend({ report, places }: PlatformMap): string {
  if (!report) return "";
  const present = new Set(places.map(({ impact }) => impact));
  const entries = IMPACTS.filter((impact) => present.has(impact)).map((impact) => {
    const count = places.filter((place) => place.change && place.impact === impact).length;
    return `<li>${mark(impact)} ${count} ${escapeXml(IMPACT_STYLES[impact].label)}</li>`;
  });
  return `<ul class="legend" aria-label="What the change does">${entries.join("")}</ul>`;
}

/** The sign of an impact; its label is beside it wherever it stands. */
function mark(impact: (typeof IMPACTS)[number]): string {
  const { sign, tone } = IMPACT_STYLES[impact];
  return `<span class="mark ${tone}" aria-hidden="true">${escapeXml(sign)}</span>`;
}

/** A place of the outline with all that is in it. Without a script everything is open. */
function item(place: Place, level: number): string {
  const { id, name, kind, impact, children } = place;
  const told =
    impact === undefined ? "" : `${mark(impact)}<span class="told">${escapeXml(IMPACT_STYLES[impact].label)}</span>`;
  const content = `<span class="name">${escapeXml(name)}</span> <span class="kind">${escapeXml(kind)}</span>${told}`;
  const isParent = children.length > 0;
  const open = isParent ? ` aria-expanded="true" aria-owns="g${id}"` : "";
  const line = `<div role="treeitem" id="t${id}" class="line" aria-level="${level}"${open} tabindex="-1">${content}</div>`;
  const inner = children.map((child) => item(child, level + 1)).join("");
  return `<li role="none">${line}${isParent ? `<ul role="group" id="g${id}">${inner}</ul>` : ""}</li>`;
}

function picture({ title, description, width, height, content }: Sketch): string {
  const attributes = {
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    class: "np",
    role: "img",
    "aria-labelledby": "picture-title",
    "aria-describedby": "picture-text",
  };
  const parts = [
    element("title", { id: "picture-title" }, escapeXml(title)),
    element("desc", { id: "picture-text" }, escapeXml(`${description}. The outline has the same for a keyboard.`)),
    ...content,
  ];
  return element("svg", attributes, `\n${parts.join("\n")}\n`);
}
