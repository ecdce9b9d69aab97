import type { BindingOutcome, BindingRequest, BindingSqlError } from '../../bindings/node/index.js';
import * as addon from './addon.ts';
import type { Front } from './front.ts';
import { callNative } from './native-error.ts';

/** How rows are laid out. */
export type Layout = 'objects' | 'rows' | 'arrays' | 'columns' | 'ndjson' | 'lines' | 'csv';

export type NativeRequest = Readonly<BindingRequest>;
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
    return addon.directBegin(this.handle, request, slab);
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

  /** How the request that ended came out; once a request. */
  outcome(): NativeOutcome {
    return callNative(() => addon.directOutcome(this.handle));
  }

  /** Whether the session has made temporary relations, or may be making some. */
  hasTemporary(): boolean {
    return callNative(() => addon.directHasTemporary(this.handle));
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
