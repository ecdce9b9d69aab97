/** Cells lie so far apart that no two threads write to one line of a processor's cache. */
const STRIDE = 16;

/**
 * A number of things that all threads have together, with a cap: each thread has a cell of its own, so
 * that what one had that failed is known. Threads are counted from 0, the main one.
 */
export class SharedCount {
  readonly #cells: Int32Array;
  readonly #own: number;
  readonly cap: number;

  /** `memory` is what `room` gave. */
  constructor(memory: SharedArrayBuffer, thread: number, cap = Number.POSITIVE_INFINITY) {
    this.#cells = new Int32Array(memory);
    this.#own = thread * STRIDE;
    this.cap = cap;
  }

  /** Memory for the counts of so many threads. */
  static room(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * STRIDE * Int32Array.BYTES_PER_ELEMENT);
  }

  /** One that no other thread shares. */
  static alone(cap: number): SharedCount {
    return new SharedCount(SharedCount.room(1), 0, cap);
  }

  /** Of this thread. */
  get own(): number {
    return this.#cells[this.#own] ?? 0;
  }

  /** Of all threads. */
  get total(): number {
    let total = 0;
    for (let at = 0; at < this.#cells.length; at += STRIDE) total += Atomics.load(this.#cells, at);
    return total;
  }

  /** One more, unless all threads together have as many as may be. */
  enter(): boolean {
    Atomics.add(this.#cells, this.#own, 1);
    if (this.total <= this.cap) return true;
    this.leave();
    return false;
  }

  /** One more, come what may. */
  add(): void {
    // Nobody else writes to this cell while its thread lives, so that this needs no atomic step.
    this.#cells[this.#own] = this.own + 1;
  }

  leave(): void {
    this.#cells[this.#own] = this.own - 1;
  }

  /** Sets what this thread has. */
  set(own: number): void {
    Atomics.store(this.#cells, this.#own, own);
  }

  /** A thread has ended, and has nothing any more. */
  forget(thread: number): void {
    Atomics.store(this.#cells, thread * STRIDE, 0);
  }
}
