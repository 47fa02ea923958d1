/** Where a system keeps its tasks, and where its packages are. */
export interface Place {
  /** A folder of its own. */
  folder: string;
  /** A folder with the peers' packages. */
  packages: string;
  postgres: string;
  redisPort: number;
}

/** A queue that is measured: durable, with a task that does nothing. */
export interface Driver {
  /** One task, durably. */
  submit(payload: object): Promise<unknown>;
  /** Many tasks at once, to fill it. */
  fill(payloads: object[]): Promise<unknown>;
  /**
   * Runs what waits.
   *
   * @param begun Called when a task runs.
   * @param ended Called with a task's payload once its end is stored.
   */
  run(concurrency: number, begun: () => void, ended: (payload: object) => void): Promise<unknown>;
  close(): Promise<unknown>;
}

export type Open = (place: Place) => Promise<Driver>;
