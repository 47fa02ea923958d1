import { STYLE_SHEET } from "./picture-style";
import { box, element, escapeXml } from "./svg";

/** What frames a picture. Sizes are pixels. */
export interface Frame {
  /** Word in the ids of its title and description, which two pictures of one page must not share. */
  id: string;
  title: string;
  /** Default: none, the title says it all. */
  description?: string | undefined;
  width: number;
  height: number;
  /** Rules beside those of every picture. Default: none. */
  styles?: string | undefined;
}

/** A self-contained SVG document of markup, which follows light and dark mode. */
export function drawing(frame: Frame, content: readonly string[]): string {
  const { id, title, description, width, height, styles } = frame;
  const [titleId, descriptionId] = [`noetl-${id}-title`, `noetl-${id}-desc`];
  const sheet = styles === undefined ? STYLE_SHEET : `${STYLE_SHEET}\n${styles}`;
  const parts = [
    element("title", { id: titleId }, escapeXml(title)),
    ...(description === undefined ? [] : [element("desc", { id: descriptionId }, escapeXml(description))]),
    element("style", {}, sheet.replace(/</g, "&lt;")),
    box(0, 0, width, height, 14, "page"),
    ...content,
  ];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    class: "np",
    role: "img",
    "aria-labelledby": description === undefined ? titleId : `${titleId} ${descriptionId}`,
  };
  return `${element("svg", attributes, `\n${parts.join("\n")}\n`)}\n`;
}
