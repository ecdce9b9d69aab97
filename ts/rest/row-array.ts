// The rows in the engine's answers, without what stands round them.

/** What stands before the first row. No text in JSON has it: its quotes would be escaped. */
const HEAD = Buffer.from('],"rows":[');
/** What stands behind the last row. */
const FOOT = Buffer.from('],"rowCount":');
/** Longer than everything behind the rows. */
const FOOT_MAX_BYTES = 256;

const NOTHING = Buffer.alloc(0);
const COMMA = Buffer.from(',');

/**
 * Takes answers of the layout `objects`, in pieces of any size, and gives the rows in them with
 * commas between: the inside of a JSON array. Rows are not looked at, so that it costs the same for
 * short ones and long ones. What may be the end of an answer is held back until it has ended.
 */
export class RowArray {
  #rows = 0;
  #head: Buffer = NOTHING;
  #isInHead = true;
  #tail: Buffer = NOTHING;
  /** Something of this answer's rows was given. */
  #hasBegun = false;

  /** The rows of the answers that have ended. */
  get rows(): number {
    return this.#rows;
  }

  /** What of the piece is rows for certain, as a copy; the bytes given are lent. */
  push(bytes: Buffer): Buffer {
    let body = bytes;
    if (this.#isInHead) {
      this.#head = Buffer.concat([this.#head, bytes]);
      const at = this.#head.indexOf(HEAD);
      if (at < 0) return NOTHING;
      this.#isInHead = false;
      body = this.#head.subarray(at + HEAD.length);
      this.#head = NOTHING;
    }
    const joined = Buffer.concat([this.#tail, body]);
    const certain = Math.max(0, joined.length - FOOT_MAX_BYTES);
    this.#tail = Buffer.from(joined.subarray(certain));
    return this.#give(joined.subarray(0, certain));
  }

  /** The answer has ended: the rest of its rows. Another one may follow. */
  end(): Buffer {
    const at = this.#tail.lastIndexOf(FOOT);
    const rest = this.#give(this.#tail.subarray(0, Math.max(0, at)));
    const count = /^\d+/.exec(this.#tail.toString('latin1', at + FOOT.length))?.[0];
    this.#rows += at < 0 ? 0 : Number(count ?? 0);
    this.#isInHead = true;
    this.#tail = NOTHING;
    this.#hasBegun = false;
    return rest;
  }

  #give(rows: Buffer): Buffer {
    if (rows.length === 0) return rows;
    const isFirst = this.#hasBegun || this.#rows === 0;
    this.#hasBegun = true;
    return isFirst ? rows : Buffer.concat([COMMA, rows]);
  }
}
