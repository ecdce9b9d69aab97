/** A window is counted in so many pieces; the oldest goes as a whole. */
const PIECES = 10;

interface Piece {
  /** Which piece of time it is, since the beginning of the clock. */
  number: number;
  calls: number;
  failures: number;
}

/** Counts the calls of the last while, and those of them that failed, in constant space. */
export class CallWindow {
  readonly #pieceMs: number;
  readonly #pieces: readonly Piece[] = Array.from({ length: PIECES }, () => ({
    number: -1,
    calls: 0,
    failures: 0,
  }));

  constructor(windowMs: number) {
    this.#pieceMs = windowMs / PIECES;
  }

  add(nowMs: number, isFailure: boolean): void {
    const number = Math.floor(nowMs / this.#pieceMs);
    const piece = this.#pieces[number % PIECES] as Piece;
    if (piece.number !== number) Object.assign(piece, { number, calls: 0, failures: 0 });
    piece.calls += 1;
    if (isFailure) piece.failures += 1;
  }

  /** Of the window that ends now; its first tenth may be missing. */
  count(nowMs: number): { readonly calls: number; readonly failures: number } {
    const first = Math.floor(nowMs / this.#pieceMs) - PIECES + 1;
    let calls = 0;
    let failures = 0;
    for (const piece of this.#pieces) {
      if (piece.number < first) continue;
      calls += piece.calls;
      failures += piece.failures;
    }
    return { calls, failures };
  }

  clear(): void {
    for (const piece of this.#pieces) piece.number = -1;
  }
}
