import type { Fill } from './fill.ts';

export interface BoundedQueueOptions {
  readonly name: string;
  /** The most entries, at least 1. */
  readonly cap: number;
}

/**
 * The only queue of server code: first in, first out, with a cap; a full one refuses.
 *
 * A ring over an array that doubles up to the cap, so that a queue that stays short stays small:
 *
 *     [ . . c d e . . ]      head = 2, size = 3
 *           ^     ^ next entry goes to (head + size) mod length
 */
export class BoundedQueue<Entry> {
  readonly #options: BoundedQueueOptions;
  #ring: (Entry | undefined)[];
  #head = 0;
  #size = 0;
  #peak = 0;
  #overflows = 0;

  constructor(options: BoundedQueueOptions) {
    if (!Number.isSafeInteger(options.cap) || options.cap < 1) {
      throw new RangeError(`${options.name}: a cap of ${options.cap}`);
    }
    this.#options = options;
    this.#ring = new Array(Math.min(options.cap, 16)).fill(undefined);
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size >= this.#options.cap;
  }

  /** True if the entry is in; false where the queue is full. */
  push(entry: Entry): boolean {
    if (this.isFull) {
      this.#overflows += 1;
      return false;
    }
    if (this.#size === this.#ring.length) this.#grow();
    this.#ring[(this.#head + this.#size) % this.#ring.length] = entry;
    this.#size += 1;
    this.#peak = Math.max(this.#peak, this.#size);
    return true;
  }

  /** The oldest entry, taken out; undefined where the queue is empty. */
  shift(): Entry | undefined {
    if (this.#size === 0) return undefined;
    const entry = this.#ring[this.#head];
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#ring.length;
    this.#size -= 1;
    return entry;
  }

  /** The oldest entry, left in. */
  peek(): Entry | undefined {
    return this.#size === 0 ? undefined : this.#ring[this.#head];
  }

  /** Takes out the first entry that `matches` (a waiter that went away); its cost is linear. */
  remove(matches: (entry: Entry) => boolean): Entry | undefined {
    const entries = this.#inOrder();
    const place = entries.findIndex(matches);
    if (place === -1) return undefined;
    const [removed] = entries.splice(place, 1);
    this.#ring.fill(undefined);
    for (const [index, entry] of entries.entries()) this.#ring[index] = entry;
    this.#head = 0;
    this.#size = entries.length;
    return removed;
  }

  clear(): void {
    this.#ring.fill(undefined);
    this.#head = 0;
    this.#size = 0;
  }

  /** All entries, the oldest first. */
  entries(): readonly Entry[] {
    return this.#inOrder();
  }

  fill(): Fill {
    const { name, cap } = this.#options;
    return { name, size: this.#size, cap, peak: this.#peak, overflows: this.#overflows };
  }

  #inOrder(): Entry[] {
    const { length } = this.#ring;
    return Array.from(
      { length: this.#size },
      (_, index) => this.#ring[(this.#head + index) % length] as Entry,
    );
  }

  #grow(): void {
    const entries: (Entry | undefined)[] = this.#inOrder();
    const length = Math.min(this.#options.cap, entries.length * 2);
    while (entries.length < length) entries.push(undefined);
    this.#ring = entries;
    this.#head = 0;
  }
}
