/** The only place that reads the environment; everything else takes plain values. */
export interface Environment {
  /** NO_COLOR is set: never colour. https://no-color.org */
  noColor: boolean;
}

export function readEnvironment(): Environment {
  const { NO_COLOR } = process.env;
  return { noColor: NO_COLOR !== undefined && NO_COLOR !== "" };
}
