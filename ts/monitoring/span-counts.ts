const EXPORTED = 0;
const DROPPED = 1;
const FAILED = 2;
const CELLS = 3;

/** Spans of one thread by what became of them, in cells that other threads may read. */
export class SpanCounts {
  readonly #cells: Float64Array;

  constructor(cells: Float64Array = new Float64Array(CELLS)) {
    this.#cells = cells;
  }

  /** Memory for the counts of so many threads. */
  static room(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * CELLS * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Those of one thread in such memory. */
  static of(memory: SharedArrayBuffer, thread: number): SpanCounts {
    const place = thread * CELLS * Float64Array.BYTES_PER_ELEMENT;
    return new SpanCounts(new Float64Array(memory, place, CELLS));
  }

  /** The receiver has them. */
  get exported(): number {
    return this.#cells[EXPORTED] ?? 0;
  }

  /** There was no room for them. */
  get dropped(): number {
    return this.#cells[DROPPED] ?? 0;
  }

  /** The receiver did not take them. */
  get failed(): number {
    return this.#cells[FAILED] ?? 0;
  }

  countExported(spans: number): void {
    this.#cells[EXPORTED] = this.exported + spans;
  }

  countDropped(): void {
    this.#cells[DROPPED] = this.dropped + 1;
  }

  countFailed(spans: number): void {
    this.#cells[FAILED] = this.failed + spans;
  }
}
