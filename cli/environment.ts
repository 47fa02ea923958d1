/** The only place that reads the environment; everything else takes plain values. */
export interface Environment {
  /** NO_COLOR is set: never colour. https://no-color.org */
  noColor: boolean;
  /** Kubeconfig files, parted by `:`; undefined for the usual one. */
  kubeconfig: string | undefined;
}

export function readEnvironment(): Environment {
  const { NO_COLOR, KUBECONFIG } = process.env;
  return { noColor: NO_COLOR !== undefined && NO_COLOR !== "", kubeconfig: KUBECONFIG };
}
