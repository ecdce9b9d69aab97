import type { TakeBytes } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import type { RowSink } from '../services/rows/row-sink.ts';
import type { Reply } from './reply.ts';
import { RowArray } from './row-array.ts';

/** So much of an answer is held back, to say in its headers what is only known at its end. */
const HELD_MAX_BYTES = 256 * 1024;
/** The most that one row may have where it is wanted as an object. */
const OBJECT_MAX_BYTES = 64 * 1024 * 1024;

/** How rows are represented. */
export const ROW_TYPES = {
  'application/json': 'array',
  'application/vnd.pgrst.object+json': 'object',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
} as const;

export type RowType = keyof typeof ROW_TYPES;

/** The first of the types that a client accepts. */
export function rowTypeOf(accept: string | undefined): RowType {
  const wanted = (accept ?? '*/*').toLowerCase();
  const types = Object.keys(ROW_TYPES) as RowType[];
  const at = (type: string) => wanted.indexOf(type);
  const [first] = types.filter((type) => at(type) >= 0).sort((a, b) => at(a) - at(b));
  if (first !== undefined) return first;
  if (/\*\/\*|application\/\*/.test(wanted)) return 'application/json';
  if (wanted.includes('text/*')) return 'text/csv';
  throw RustyError.of('NOT_ACCEPTABLE', { what: wanted, offered: types.join(', ') });
}

export interface RowReplyOptions {
  readonly type: RowType;
  /** Where it is not the type. */
  readonly contentType?: string;
  /** Of a complete answer; one with less than all rows is 206. */
  readonly status: number;
  readonly offset: number;
  readonly limit?: number;
  /** Whether the headers say which rows these are. */
  readonly hasRange: boolean;
  /** The rows were counted, not read; the headers are those with them. */
  readonly isCountOnly?: boolean;
  /** The one row of a path: without it 404. */
  readonly missing?: string;
}

/** `0-24/100`, `*` for what is not known or is nothing. */
export function contentRange(offset: number, rows: number, total: number | undefined): string {
  const range = rows === 0 ? '*' : `${offset}-${offset + rows - 1}`;
  return `${range}/${total ?? '*'}`;
}

/** Writes rows as the answer of a request. Short ones have an exact range, long ones stream. */
export class RowReply implements RowSink {
  readonly layout: RowSink['layout'];
  readonly #reply: Reply;
  readonly #options: RowReplyOptions;
  readonly #form: (typeof ROW_TYPES)[RowType];
  readonly #array = new RowArray();
  #held: Buffer[] = [];
  #heldBytes = 0;
  #total: number | undefined;
  #isOutside = false;

  constructor(reply: Reply, options: RowReplyOptions) {
    this.#reply = reply;
    this.#options = options;
    this.#form = ROW_TYPES[options.type];
    this.layout = this.#form === 'array' || this.#form === 'object' ? 'objects' : this.#form;
  }

  /** The range that was asked for begins behind the last row. */
  get isOutside(): boolean {
    return this.#isOutside;
  }

  get rows(): number | undefined {
    return this.layout === 'objects' ? this.#array.rows : undefined;
  }

  total(total: number): void {
    this.#total = total;
    if (this.#options.offset <= total) return;
    this.#isOutside = true;
    this.#reply.header('Content-Range', contentRange(0, 0, total));
    throw RustyError.of('VALIDATION_ERROR', {
      what: `an offset of ${this.#options.offset}, and there are ${total} rows`,
    });
  }

  readonly take: TakeBytes = (bytes) => {
    const isRows = this.layout === 'objects';
    return this.#put(isRows ? this.#array.push(bytes) : Buffer.from(bytes));
  };

  next(): void | Promise<void> {
    if (this.layout === 'objects') return this.#put(this.#array.end());
  }

  /** All rows came. */
  end(): void {
    const { type, status } = this.#options;
    if (this.#form === 'object') {
      this.#endObject();
      return;
    }
    const isArray = this.#form === 'array';
    if (this.#reply.isStreaming) {
      this.#reply.end(type, isArray ? ']' : '');
      return;
    }
    const rows = this.#options.isCountOnly === true ? this.#expected() : this.rows;
    if (this.#options.hasRange && rows !== undefined) this.#putRange(rows);
    const isPart = rows !== undefined && this.#total !== undefined && rows < this.#total;
    const text = Buffer.concat(this.#held).toString('utf8');
    const body = isArray ? `[${text}]` : text;
    this.#reply.text(type, body, isPart && status === 200 ? 206 : status);
  }

  /** The rows broke off after some had gone out. */
  fail(): void {
    this.#reply.destroy();
  }

  /** How many rows this answer has, from the number of all. */
  #expected(): number | undefined {
    const { offset, limit = Number.POSITIVE_INFINITY } = this.#options;
    return this.#total === undefined ? undefined : Math.min(limit, this.#total - offset);
  }

  #put(piece: Buffer): void | Promise<void> {
    if (piece.length === 0) return;
    if (this.#reply.isStreaming) return this.#send(piece);
    this.#held.push(piece);
    this.#heldBytes += piece.length;
    if (this.#form === 'object') this.#checkObject();
    else if (this.#heldBytes > HELD_MAX_BYTES) return this.#begin();
  }

  #putRange(rows: number): void {
    this.#reply.header('Content-Range', contentRange(this.#options.offset, rows, this.#total));
  }

  #begin(): void | Promise<void> {
    const pieces = this.#form === 'array' ? [Buffer.from('['), ...this.#held] : this.#held;
    this.#held = [];
    const expected = this.#expected();
    // How many rows are still to come is only known where all of them were counted.
    if (this.#options.hasRange && expected !== undefined) this.#putRange(expected);
    return this.#send(Buffer.concat(pieces));
  }

  #send(piece: Buffer): void | Promise<void> {
    const { type, status } = this.#options;
    return this.#reply.stream(type, status)(piece);
  }

  #checkObject(): void {
    if (this.#heldBytes <= OBJECT_MAX_BYTES) return;
    throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'the room for one row', limit: '64 MiB' });
  }

  #endObject(): void {
    const { type, contentType = type, status, missing } = this.#options;
    if (this.rows !== 1) {
      if (missing !== undefined && this.rows === 0) {
        throw RustyError.of('NOT_FOUND', { what: missing });
      }
      throw RustyError.of('NOT_ACCEPTABLE', {
        what: `one object, for there are ${this.rows} rows`,
        offered: 'application/json',
      });
    }
    this.#reply.text(contentType, Buffer.concat(this.#held).toString('utf8'), status);
  }
}
