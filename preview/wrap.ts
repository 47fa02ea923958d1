/**
 * Text on lines of at most `width` columns, broken at separators; a word longer than a line stays whole.
 *
 * @param separator What stands between words; kept within lines, dropped at their ends.
 */
export function wrapped(text: string, width: number, separator = " "): string[] {
  const lines: string[] = [];
  for (const word of text.split(separator)) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + separator.length + word.length <= width)
      lines[lines.length - 1] = line + separator + word;
    else lines.push(word);
  }
  return lines;
}
