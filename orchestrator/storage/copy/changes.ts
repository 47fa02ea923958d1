import type { Commit } from "../storage";

/** What was written while something is copied: it must be copied again. */
export class Changes {
  private tasks = new Set<string>();
  private removed = new Set<string>();
  private documents = new Map<string, { collection: string; id: string }>();

  commit({ tasks = [], removed = [], documents = [] }: Commit): void {
    for (const { id } of tasks) this.tasks.add(id);
    for (const { id } of removed) this.removed.add(id);
    for (const { collection, id } of documents) this.documents.set(placeOf({ collection, id }), { collection, id });
  }

  /** A task has printed something. */
  log(task: string): void {
    this.tasks.add(task);
  }

  get size(): number {
    return this.tasks.size + this.removed.size + this.documents.size;
  }

  /** Ids of tasks, for whoever has not asked since. */
  takeTasks(): string[] {
    const { tasks } = this;
    this.tasks = new Set();
    return [...tasks];
  }

  takeRemoved(): string[] {
    const { removed } = this;
    this.removed = new Set();
    return [...removed];
  }

  takeDocuments(): { collection: string; id: string }[] {
    const { documents } = this;
    this.documents = new Map();
    return [...documents.values()];
  }
}

/** Names a document among those of all collections. */
export function placeOf({ collection, id }: { collection: string; id: string }): string {
  return JSON.stringify([collection, id]);
}
