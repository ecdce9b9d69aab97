// Rows as the engine packs them: native/codec/src/direct/packed_rows.rs has the form.
import type { Row } from './result.ts';

/** Names of columns, with the engine's number for them. */
export interface Shape {
  readonly number: number;
  readonly names: readonly string[];
}

export const NO_SHAPE: Shape = { number: 0, names: [] };

const TAG = {
  null: 0,
  false: 1,
  true: 2,
  integer: 3,
  number: 4,
  bigint: 5,
  ascii: 6,
  text: 7,
  bytes: 8,
  json: 9,
} as const;

const NUMBER_BYTES = 8;
const LENGTH_BYTES = 4;

/** Goes through one answer. */
class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  shape(known: Shape): Shape {
    const number = this.#bytes.readDoubleLE(0);
    this.#at = NUMBER_BYTES;
    const end = this.#end();
    const start = this.#at;
    this.#at = end;
    if (start === end) return known;
    return { number, names: JSON.parse(this.#bytes.toString('utf8', start, end)) as string[] };
  }

  row(names: readonly string[]): Row {
    // The mark of a row.
    this.#at += 1;
    const row: Row = {};
    for (let at = 0; at < names.length; at += 1) {
      const name = names[at] as string;
      const value = this.#value();
      if (name === '__proto__') {
        const property = { value, enumerable: true, writable: true, configurable: true };
        Object.defineProperty(row, name, property);
      } else {
        row[name] = value;
      }
    }
    return row;
  }

  /** Where what begins with its length ends; the place is behind the length. */
  #end(): number {
    const length = this.#bytes.readUInt32LE(this.#at);
    this.#at += LENGTH_BYTES;
    return this.#at + length;
  }

  #value(): unknown {
    const bytes = this.#bytes;
    const tag = bytes[this.#at];
    this.#at += 1;
    switch (tag) {
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.integer:
        this.#at += LENGTH_BYTES;
        return bytes.readInt32LE(this.#at - LENGTH_BYTES);
      case TAG.number:
        this.#at += NUMBER_BYTES;
        return bytes.readDoubleLE(this.#at - NUMBER_BYTES);
      case TAG.bigint:
        this.#at += NUMBER_BYTES;
        return bytes.readBigInt64LE(this.#at - NUMBER_BYTES);
      default:
        return this.#long(tag);
    }
  }

  #long(tag: number | undefined): unknown {
    const bytes = this.#bytes;
    const end = this.#end();
    const start = this.#at;
    this.#at = end;
    switch (tag) {
      case TAG.ascii:
        return bytes.toString('latin1', start, end);
      case TAG.text:
        return bytes.toString('utf8', start, end);
      case TAG.bytes:
        return Buffer.from(bytes.subarray(start, end));
      default:
        return JSON.parse(bytes.toString('utf8', start, end));
    }
  }
}

/**
 * The first row of an answer, the first `length` of `bytes`, with its shape; undefined where there is
 * none. `known` is the shape whose number the request had.
 */
export function readPackedRow(
  bytes: Buffer,
  length: number,
  known: Shape,
): { readonly shape: Shape; readonly row: Row } | undefined {
  if (length === 0) return undefined;
  const reader = new Reader(bytes);
  const shape = reader.shape(known);
  return reader.at < length ? { shape, row: reader.row(shape.names) } : undefined;
}
