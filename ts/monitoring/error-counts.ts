import { ERROR_CODES, type ErrorCode } from '../errors/index.ts';
import type { Value } from './request-counts.ts';

const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

/** Failures that were answered, by code. */
export class ErrorCounts {
  readonly #cells: Float64Array;

  /** `cells` where other threads read them, as `of` gives them. */
  constructor(cells: Float64Array = new Float64Array(CODES.length)) {
    this.#cells = cells;
  }

  /** Memory for the counts of so many threads. */
  static room(threads: number): SharedArrayBuffer {
    return new SharedArrayBuffer(threads * CODES.length * Float64Array.BYTES_PER_ELEMENT);
  }

  /** Those of one thread in such memory. */
  static of(memory: SharedArrayBuffer, thread: number): ErrorCounts {
    const place = thread * CODES.length * Float64Array.BYTES_PER_ELEMENT;
    return new ErrorCounts(new Float64Array(memory, place, CODES.length));
  }

  countError(code: ErrorCode): void {
    const at = CODES.indexOf(code);
    this.#cells[at] = (this.#cells[at] ?? 0) + 1;
  }

  of(code: ErrorCode): number {
    return this.#cells[CODES.indexOf(code)] ?? 0;
  }

  values(): readonly Value[] {
    const values = CODES.map((type, at) => ({ labels: { type }, value: this.#cells[at] ?? 0 }));
    return values.filter(({ value }) => value > 0);
  }
}
