import type { BindingOutcome, BindingSqlError } from '../../bindings/node/index.js';
import { BoundedMap } from '../util/bounded-map.ts';
import * as addon from './addon.ts';
import type { Front } from './front.ts';
import { callNative, fromNative } from './native-error.ts';

const LAYOUTS = {
  objects: addon.LAYOUT_OBJECTS,
  rows: addon.LAYOUT_ROWS,
  arrays: addon.LAYOUT_ARRAYS,
  columns: addon.LAYOUT_COLUMNS,
  ndjson: addon.LAYOUT_NDJSON,
  lines: addon.LAYOUT_LINES,
  csv: addon.LAYOUT_CSV,
  count: addon.LAYOUT_COUNT,
  packed: addon.LAYOUT_PACKED,
} as const;

/** How rows are laid out; `count` leaves them out and says how many were given or written. */
export type Layout = keyof typeof LAYOUTS;

/** As many integers as a request may have in place of parameters. */
export const { INTEGERS_MAX } = addon;

const TEXTS_MAX = 1000;
/** Longer texts are sent each time. */
const TEXT_LENGTH_MAX = 4096;

/** What stands for the texts of statements on this thread. */
const texts = new BoundedMap<string, number>({
  name: 'statement_texts',
  cap: TEXTS_MAX,
  whenFull: 'refuse',
});

/**
 * Has the addon keep the text of a statement that this thread may run often; gives what stands for
 * it in a request, 0 where too many are kept or it is too long.
 */
export function keepText(sql: string): number {
  const known = texts.get(sql);
  if (known !== undefined) return known;
  if (texts.size >= TEXTS_MAX || sql.length > TEXT_LENGTH_MAX) return 0;
  const text = addon.directText(sql);
  texts.set(sql, text);
  return text;
}

const NUMBER_BYTES = 8;

/** Puts numbers where `directBegin` looks for them; gives their count. */
function putNumbers(numbers: readonly number[], slab: Buffer): number {
  for (let at = 0; at < numbers.length; at += 1) {
    slab.writeDoubleLE(numbers[at] as number, at * NUMBER_BYTES);
  }
  return numbers.length;
}

/** A request as the addon takes it. */
export interface NativeRequest {
  readonly sql: string;
  /** What `keepText` gave for `sql`. */
  readonly text?: number;
  /** The text of a JSON array; none where it is absent. */
  readonly parameters?: string;
  /** In place of `parameters`: up to `INTEGERS_MAX` safe integers. */
  readonly integers?: readonly number[];
  readonly layout: Layout;
  /** Numbers that a double cannot hold are strings. */
  readonly isExact?: boolean;
  /** Rows beyond this are left out. */
  readonly maxRows?: number;
  readonly isReadOnly?: boolean;
  /** Of packed rows: the number of the shape whose names are known. */
  readonly knownShape?: number;
}

export type NativeOutcome = Readonly<BindingOutcome>;
export type NativeSqlError = Readonly<BindingSqlError>;

export interface NativeSessionOptions {
  readonly user: string;
  readonly database: string;
  /** What `pg_stat_activity` shows. */
  readonly clientAddress: string;
  /** Settings, names and values in turn. */
  readonly parameters: readonly string[];
}

/**
 * One session's native side, without a wire protocol. Every method runs at once and waits for
 * nothing; those that step answer flags of `STEP` plus the number of bytes that they wrote to
 * `slab`.
 */
export class NativeSession {
  readonly handle: number;
  /** The session's number among all of the engine. */
  readonly processId: number;
  #isClosed = false;

  constructor(front: Front, options: NativeSessionOptions) {
    const { user, database, clientAddress, parameters } = options;
    this.handle = callNative(() =>
      addon.directOpen(front.handle, user, database, clientAddress, [...parameters]),
    );
    this.processId = callNative(() => addon.connectionProcessId(this.handle));
  }

  /** Begins a request, the last one having ended. */
  begin(request: NativeRequest, slab: Buffer): number {
    const { sql, text = 0, parameters = '', integers, layout, isExact, isReadOnly } = request;
    const { maxRows = -1, knownShape = 0 } = request;
    const statement = text === 0 ? sql : text;
    let options: number = LAYOUTS[layout];
    if (isExact === true) options |= addon.REQUEST_EXACT;
    if (isReadOnly === true) options |= addon.REQUEST_READ_ONLY;
    try {
      const values = integers === undefined ? parameters : putNumbers(integers, slab);
      return addon.directBegin(this.handle, statement, values, options, maxRows, knownShape, slab);
    } catch (error) {
      throw fromNative(error);
    }
  }

  /** Gives COPY data to the statement that asks for it. */
  receive(chunk: Uint8Array, slab: Uint8Array): number {
    return addon.connectionReceive(this.handle, chunk, slab);
  }

  step(slab: Uint8Array): number {
    return addon.connectionStep(this.handle, slab);
  }

  /** The COPY data is complete, or given up for a reason; step next. */
  endCopy(reason?: string): void {
    callNative(() => addon.directEndCopy(this.handle, reason ?? null));
  }

  /** How the request that ended came out, where it says `STEP.outcome`; once a request. */
  outcome(): NativeOutcome {
    return callNative(() => addon.directOutcome(this.handle));
  }

  /** Interrupts the statement that runs; nothing if none does. */
  cancel(): void {
    if (!this.#isClosed) callNative(() => addon.connectionCancel(this.handle));
  }

  /** Stops the statement and rolls back. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    callNative(() => addon.connectionClose(this.handle));
  }
}
