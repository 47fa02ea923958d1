/** Tells one value after the other, and leaves out what is out of date before its turn. */
export interface Latest<T> {
  tell: (value: T) => void;
  /** Resolves once all is told. @throws what telling threw */
  told: () => Promise<void>;
}

/** For what comes faster than it can be written down. Nothing more is told once telling has failed. */
export function latestOnly<T>(tell: (value: T) => Promise<void>): Latest<T> {
  let waiting: { value: T } | undefined;
  let telling: Promise<void> | undefined;
  let failure: { error: unknown } | undefined;
  const go = async (): Promise<void> => {
    while (waiting && !failure) {
      const { value } = waiting;
      waiting = undefined;
      try {
        await tell(value);
      } catch (error) {
        failure = { error };
      }
    }
    telling = undefined;
  };
  return {
    tell: (value) => {
      waiting = { value };
      telling ??= go();
    },
    told: async () => {
      await telling;
      if (failure) throw failure.error;
    },
  };
}
