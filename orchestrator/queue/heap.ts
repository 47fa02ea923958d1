/** Something that is in at most one heap at a time. */
export interface HeapItem {
  /** Its place in the heap; -1: in none. For the heap alone. */
  slot: number;
}

/** A binary heap from which any item can be taken out: everything costs the logarithm of its size. */
export class Heap<T extends HeapItem> {
  private readonly items: T[] = [];

  /** @param isBefore Whether one item comes out before another. */
  constructor(private readonly isBefore: (a: T, b: T) => boolean) {}

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.up(item, this.items.length - 1);
  }

  pop(): T | undefined {
    const [first] = this.items;
    if (first) this.remove(first);
    return first;
  }

  /** @returns whether it was in this heap */
  remove(item: T): boolean {
    const { slot } = item;
    if (this.items[slot] !== item) return false;
    item.slot = -1;
    const last = this.items.pop();
    if (last && last !== item) {
      const parent = this.items[(slot - 1) >> 1];
      if (slot > 0 && parent && this.isBefore(last, parent)) this.up(last, slot);
      else this.down(last, slot);
    }
    return true;
  }

  private up(item: T, from: number): void {
    let slot = from;
    while (slot > 0) {
      const above = (slot - 1) >> 1;
      const parent = this.items[above];
      if (!parent || !this.isBefore(item, parent)) break;
      this.place(parent, slot);
      slot = above;
    }
    this.place(item, slot);
  }

  private down(item: T, from: number): void {
    let slot = from;
    for (;;) {
      const left = 2 * slot + 1;
      let child = this.items[left];
      if (!child) break;
      const right = this.items[left + 1];
      const isRight = right !== undefined && this.isBefore(right, child);
      if (isRight) child = right;
      if (!this.isBefore(child, item)) break;
      this.place(child, slot);
      slot = isRight ? left + 1 : left;
    }
    this.place(item, slot);
  }

  private place(item: T, slot: number): void {
    this.items[slot] = item;
    item.slot = slot;
  }
}
