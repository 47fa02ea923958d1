/** A line of columns, indented; the last one is as long as it is. @param widths of all but the last */
export function formatRow(cells: readonly string[], widths: readonly number[]): string {
  return `  ${cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd();
}
