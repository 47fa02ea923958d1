import type { View } from "./view";

/** A preview as a self-contained SVG document. */
export function previewPicture(_view: View): string {
  return "";
}
