/** Helpers that write SVG. Coordinates and sizes are pixels. */

/** An element; attributes that are undefined are left out. Its content must be markup already. */
export function element(name: string, attributes: Record<string, string | number | undefined>, content = ""): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`)
    .join("");
  return content === "" ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A text as one element, its baseline at `y`. */
export function text(content: string, x: number, y: number, style: string, anchor?: "middle" | "end"): string {
  return element("text", { x: round(x), y: round(y), class: style, "text-anchor": anchor }, escapeXml(content));
}

/** A rectangle with round corners. */
export function box(x: number, y: number, width: number, height: number, radius: number, style: string): string {
  return element("rect", {
    x: round(x),
    y: round(y),
    width: round(width),
    height: round(height),
    rx: radius,
    class: style,
  });
}

/** A text as it may stand in markup; characters that XML forbids become U+FFFD. */
export function escapeXml(content: string): string {
  return content
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd");
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
