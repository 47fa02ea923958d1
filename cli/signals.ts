/** Resolves with the first signal to stop; a second one ends the process, as if nobody listened. */
export async function told(): Promise<string> {
  return new Promise((resolve) => {
    const signals = ["SIGTERM", "SIGINT"] as const;
    const stop = (signal: string): void => {
      for (const one of signals) process.off(one, stop);
      resolve(signal);
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
