// Rows come from the engine as lines of JSON, and go out as one JSON array.
const LINE_END = 0x0a;
const COMMA = 0x2c;

/**
 * Joins lines with commas, whatever pieces they come in, and counts them. The comma of a line goes
 * out with the line after it.
 */
export class RowLines {
  #rows = 0;
  #isPending = false;

  /** The lines that ended so far. */
  get rows(): number {
    return this.#rows;
  }

  /** A copy of the piece with commas for line ends; the bytes given are lent. */
  join(bytes: Buffer): Buffer {
    const lead = this.#isPending ? 1 : 0;
    this.#isPending = bytes[bytes.length - 1] === LINE_END;
    const kept = bytes.length - (this.#isPending ? 1 : 0);
    const joined = Buffer.allocUnsafe(kept + lead);
    if (lead > 0) joined[0] = COMMA;
    bytes.copy(joined, lead, 0, kept);
    for (let at = joined.indexOf(LINE_END, lead); at >= 0; at = joined.indexOf(LINE_END, at + 1)) {
      joined[at] = COMMA;
      this.#rows += 1;
    }
    if (this.#isPending) this.#rows += 1;
    return joined;
  }
}
