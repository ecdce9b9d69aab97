import type { Fill } from './fill.ts';

/** What a full map does with one entry more. */
export type WhenFull =
  /** `set` answers false and changes nothing. */
  | 'refuse'
  /** The entry that was least recently set or got goes, after `onEvict` was told. */
  | 'evict-least-recent';

export interface BoundedMapOptions<Key, Value> {
  readonly name: string;
  /** The most entries, at least 1. */
  readonly cap: number;
  readonly whenFull: WhenFull;
  readonly onEvict?: (key: Key, value: Value) => void;
}

/**
 * The only map that server code keeps over more than one call: it has a cap, an answer to "full"
 * and shows how full it is.
 *
 * With `evict-least-recent` the insertion order of the inner map is the order of use: a `get` moves
 * its entry to the end, the first entry is the one to go.
 */
export class BoundedMap<Key, Value> {
  readonly #entries = new Map<Key, Value>();
  readonly #options: BoundedMapOptions<Key, Value>;
  #peak = 0;
  #overflows = 0;

  constructor(options: BoundedMapOptions<Key, Value>) {
    if (!Number.isSafeInteger(options.cap) || options.cap < 1) {
      throw new RangeError(`${options.name}: a cap of ${options.cap}`);
    }
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  get isFull(): boolean {
    return this.#entries.size >= this.#options.cap;
  }

  has(key: Key): boolean {
    return this.#entries.has(key);
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && this.#options.whenFull === 'evict-least-recent') {
      this.#entries.delete(key);
      this.#entries.set(key, value);
    }
    return value;
  }

  /** True if the entry is in; false where the map is full and refuses. */
  set(key: Key, value: Value): boolean {
    const { cap, whenFull } = this.#options;
    if (this.#entries.has(key)) {
      if (whenFull === 'evict-least-recent') this.#entries.delete(key);
    } else if (this.#entries.size >= cap) {
      this.#overflows += 1;
      if (whenFull === 'refuse') return false;
      this.#evictOne();
    }
    this.#entries.set(key, value);
    this.#peak = Math.max(this.#peak, this.#entries.size);
    return true;
  }

  delete(key: Key): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  entries(): IterableIterator<[Key, Value]> {
    return this.#entries.entries();
  }

  keys(): IterableIterator<Key> {
    return this.#entries.keys();
  }

  values(): IterableIterator<Value> {
    return this.#entries.values();
  }

  fill(): Fill {
    const { name, cap } = this.#options;
    return { name, size: this.size, cap, peak: this.#peak, overflows: this.#overflows };
  }

  #evictOne(): void {
    const first = this.#entries.entries().next().value;
    if (first === undefined) return;
    const [key, value] = first;
    this.#entries.delete(key);
    this.#options.onEvict?.(key, value);
  }
}
