/** What lines are written to. */
export interface LineStream {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/** Lines that stay, and on a terminal one below them that is written anew; elsewhere that is a line like others. */
export class LiveLine {
  private shown = "";

  constructor(private readonly stream: LineStream) {}

  /** Writes a line that stays. */
  print(line: string): void {
    const below = this.shown;
    this.end();
    this.stream.write(`${line}\n`);
    if (below !== "") this.replace(below);
  }

  /** Writes the line below anew. */
  replace(line: string): void {
    const { stream } = this;
    if (stream.isTTY !== true) {
      stream.write(`${line}\n`);
      return;
    }
    this.shown = line;
    // A longer one would go on in a line that nothing takes away.
    stream.write(`\r\u001b[2K${line.slice(0, Math.max(1, (stream.columns ?? 80) - 1))}`);
  }

  /** Takes the line below away. */
  end(): void {
    if (this.shown !== "") this.stream.write("\r\u001b[2K");
    this.shown = "";
  }
}

/** How far something is, as `█████░░░░░ 5 of 10  what it does`. */
export function progressText(done: number, total: number, message: string): string {
  const cells = 20;
  const full = total > 0 ? Math.round(cells * Math.min(1, done / total)) : 0;
  return `${"█".repeat(full)}${"░".repeat(cells - full)} ${done} of ${total}  ${message}`.trimEnd();
}
