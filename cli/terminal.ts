import { styleText } from "node:util";
import { plain, type Style } from "../preview/style";
import { readEnvironment } from "./environment";

/** How to emphasise text on a stream: in colour on a terminal, not at all in a pipe or with NO_COLOR. */
export function style(stream: { isTTY?: boolean }): Style {
  if (!stream.isTTY || readEnvironment().noColor) return plain;
  return {
    bold: (text) => styleText("bold", text),
    dim: (text) => styleText("dim", text),
    red: (text) => styleText("red", text),
    yellow: (text) => styleText("yellow", text),
    green: (text) => styleText("green", text),
    cyan: (text) => styleText("cyan", text),
  };
}
