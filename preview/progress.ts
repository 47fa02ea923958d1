/** Where progress may be shown. */
export interface ProgressStream {
  isTTY?: boolean;
  write: (text: string) => unknown;
}

/** What takes longer than this says that it is still at work. */
const PATIENCE_MS = 2000;

/** Does some work; when it takes longer than two seconds, a line on the terminal says what is being done meanwhile. */
export async function withProgress<T>(stream: ProgressStream, text: string, work: () => Promise<T>): Promise<T> {
  let clear = (): void => undefined;
  const timer = setTimeout(() => {
    if (!stream.isTTY) return;
    stream.write(`${text} …`);
    clear = () => {
      stream.write("\r\u001b[K");
    };
  }, PATIENCE_MS);
  try {
    return await work();
  } finally {
    clearTimeout(timer);
    clear();
  }
}
