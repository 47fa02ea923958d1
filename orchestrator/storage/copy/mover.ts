import { UserError } from "../../../stacks/errors";
import { openStorage, type StorageKind } from "../open";
import type { SurrealServer } from "../surreal/connection";
import type { Storage } from "../storage";
import { migrate, type Phase } from "./migrate";
import type { Movable } from "./movable";
import { nameOf, type Place, placeOf } from "./places";
import type { Sums } from "./sums";

/** How a migration is. */
export interface Migration {
  state: Phase | "failed" | "cancelled";
  from: string;
  to: string;
  done: number;
  total: number;
  /** Milliseconds for which writes had to wait for the exchange. */
  heldMs?: number;
  sums?: Sums;
  error?: string;
}

/** Moves the storage of a service that is at work. */
export class Mover {
  private migration: Migration | undefined;
  private abort = new AbortController();
  private working: Promise<void> | undefined;
  /** Where it has worked before, by name: open, so that nobody else works there, and it may be moved back. */
  private readonly former = new Map<string, Storage>();

  constructor(
    private readonly storage: Movable,
    private place: Place,
    private readonly known: { dataDir: string; server?: SurrealServer | undefined },
    private readonly now: () => number,
    private readonly log: (event: string, message: string) => void,
  ) {}

  /** The last one that was begun since the service was started. */
  get last(): Migration | undefined {
    return this.migration;
  }

  get isWorking(): boolean {
    return this.working !== undefined;
  }

  /** Begins one. @throws UserError for a target that cannot be opened */
  begin(to: { kind: StorageKind; dataDir?: string | undefined }, by: string): Migration {
    const { place, known } = this;
    const target = placeOf(to.kind, { ...known, ...(to.dataDir !== undefined && { dataDir: to.dataDir }) });
    if (nameOf(target) === nameOf(place)) throw new UserError(`it is ${nameOf(place)} already`);
    const migration: Migration = { state: "copying", from: nameOf(place), to: nameOf(target), done: 0, total: 0 };
    this.migration = migration;
    this.abort = new AbortController();
    this.log("migration", `begun by ${by}: from ${migration.from} to ${migration.to}`);
    this.working = this.work(target, migration, by).finally(() => (this.working = undefined));
    return migration;
  }

  /** Breaks off what has not moved yet; what was copied stays for the next attempt. */
  async cancel(): Promise<void> {
    this.abort.abort(new UserError("it was broken off"));
    await this.working;
  }

  /** The service has stopped. */
  async close(): Promise<void> {
    await this.cancel();
    for (const storage of this.former.values()) await storage.close();
  }

  private async work(to: Place, migration: Migration, by: string): Promise<void> {
    const { storage, abort, former } = this;
    let opened: Storage | undefined;
    try {
      const target = former.get(migration.to) ?? (opened = await openStorage(to));
      const source = storage.inner;
      const { sums, heldMs } = await migrate(storage, target, {
        ...{ from: migration.from, to: migration.to, by, now: this.now },
        signal: abort.signal,
        onProgress: (state, done, total) => Object.assign(migration, { state, done, total }),
      });
      Object.assign(migration, { state: "moved", sums, heldMs });
      former.delete(migration.to);
      former.set(migration.from, source);
      this.place = to;
      this.log("migration", `moved to ${migration.to}; start the service with that the next time`);
    } catch (error) {
      if (storage.inner !== opened) await opened?.close();
      const message = error instanceof Error ? error.message : String(error);
      Object.assign(migration, { state: abort.signal.aborted ? "cancelled" : "failed", error: message });
      this.log("migration", `${migration.state}: ${message}`);
    }
  }
}
