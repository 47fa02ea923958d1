import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TONES } from "../map/impact-style";

/**
 * Colours, fonts and controls of every page, and a page's own rules.
 *
 * @param file Path of those.
 */
export function pageStyle(file: string): string {
  // Paper is light.
  const dark = `@media screen and (prefers-color-scheme:dark){${toneRules(TONES.dark)}}`;
  return [
    toneRules(TONES.light),
    dark,
    readFileSync(join(__dirname, "page.css"), "utf8"),
    readFileSync(file, "utf8"),
  ].join("\n");
}

/** Colours of impact outside a picture. */
function toneRules(tones: (typeof TONES)["light"]): string {
  return Object.entries(tones)
    .map(([tone, [ink, fill]]) => `.mark.${tone}{color:${ink};background:${fill};border-color:${ink}}`)
    .join("");
}

/**
 * Modules of a browser as one script that needs no other file. They share one scope, so no two may have a name in common,
 * and each stands after those that it imports.
 *
 * @param files Paths, in that order.
 */
export function scriptOf(files: readonly string[]): string {
  const texts = files.map((file) =>
    readFileSync(file, "utf8")
      .replaceAll(/^import [^;]*;\n/gm, "")
      .replaceAll(/^export /gm, ""),
  );
  return `"use strict";{\n${texts.join("\n")}}`;
}

/** What every page's script makes elements with. */
export const DOM_SCRIPT = join(__dirname, "browser", "dom.js");

/** The least that a page needs: its own style and script, by hash, and nothing else. */
export function pagePolicy(style: string, script: string, ...more: string[]): string {
  const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    ...more,
  ].join("; ");
}

/** JSON as it may stand in a script element: nothing in it can end the element or begin a comment. */
export function inScript(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
