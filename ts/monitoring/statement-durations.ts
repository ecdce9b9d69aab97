import { histogramValues, SECONDS, type Value } from './request-counts.ts';
import { STATEMENT_TYPES, type StatementType } from './statement-types.ts';

/** Of one type: its buckets, the one beyond them, the sum. */
const CELLS = SECONDS.length + 2;
const SLOW = CELLS * STATEMENT_TYPES.length;
const ALL_CELLS = SLOW + 1;

/** How long statements took, by type, in cells that other threads may read. */
export class StatementDurations {
  readonly #cells: Float64Array;

  constructor(cells: Float64Array = new Float64Array(ALL_CELLS)) {
    this.#cells = cells;
  }

  /** Memory for the counts of so many threads. */
  static room(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * ALL_CELLS * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Those of one thread in such memory. */
  static of(memory: SharedArrayBuffer, thread: number): StatementDurations {
    const place = thread * ALL_CELLS * Float64Array.BYTES_PER_ELEMENT;
    return new StatementDurations(new Float64Array(memory, place, ALL_CELLS));
  }

  add(type: StatementType, seconds: number): void {
    let at = STATEMENT_TYPES.indexOf(type) * CELLS;
    const sum = at + CELLS - 1;
    for (let bound = 0; seconds > (SECONDS[bound] ?? Number.POSITIVE_INFINITY); bound += 1) at += 1;
    this.#cells[at] = (this.#cells[at] ?? 0) + 1;
    this.#cells[sum] = (this.#cells[sum] ?? 0) + seconds;
  }

  /** One of them was slow. */
  countSlow(): void {
    this.#cells[SLOW] = this.slow + 1;
  }

  get slow(): number {
    return this.#cells[SLOW] ?? 0;
  }

  /** As histograms; a type that did not come has none. */
  values(name: string): readonly Value[] {
    return STATEMENT_TYPES.flatMap((type, at) => {
      const cells = this.#cells.subarray(at * CELLS, (at + 1) * CELLS);
      return histogramValues(name, { type }, cells);
    });
  }
}
