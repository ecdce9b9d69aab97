import type { BindingOutcome, BindingSqlError } from '../../bindings/node/index.js';
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
} as const;

/** How rows are laid out; `count` leaves them out and says how many were given or written. */
export type Layout = keyof typeof LAYOUTS;

/** A request as the addon takes it. */
export interface NativeRequest {
  readonly sql: string;
  /** The text of a JSON array; none where it is absent. */
  readonly parameters?: string;
  readonly layout: Layout;
  /** Numbers that a double cannot hold are strings. */
  readonly isExact?: boolean;
  /** Rows beyond this are left out. */
  readonly maxRows?: number;
  readonly isReadOnly?: boolean;
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
  #isClosed = false;

  constructor(front: Front, options: NativeSessionOptions) {
    const { user, database, clientAddress, parameters } = options;
    this.handle = callNative(() =>
      addon.directOpen(front.handle, user, database, clientAddress, [...parameters]),
    );
  }

  /** Begins a request, the last one having ended. */
  begin(request: NativeRequest, slab: Uint8Array): number {
    const { sql, parameters = '', layout, isExact, isReadOnly, maxRows = -1 } = request;
    let options: number = LAYOUTS[layout];
    if (isExact === true) options |= addon.REQUEST_EXACT;
    if (isReadOnly === true) options |= addon.REQUEST_READ_ONLY;
    try {
      return addon.directBegin(this.handle, sql, parameters, options, maxRows, slab);
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
