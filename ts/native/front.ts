import * as addon from './addon.ts';
import { callNative } from './native-error.ts';

/** What a step of a connection asks its owner to do; bits of `Step.flags`. */
export const STEP = {
  /** More output waits: send what there is, then step again. */
  output: addon.STEP_OUTPUT,
  /** The connection comes back by itself: the owner of the front is told. */
  busy: addon.STEP_BUSY,
  /** Step again in the next tick. */
  more: addon.STEP_MORE,
  /** A start-up packet waits for `accept` or `refuse`. */
  startup: addon.STEP_STARTUP,
  /** Send what there is and close. */
  close: addon.STEP_CLOSE,
  /** Stop reading from the socket until the connection comes back. */
  pause: addon.STEP_PAUSE,
  /** The request of a session has ended. */
  done: addon.STEP_DONE,
  /** It has an error or notices. */
  outcome: addon.STEP_OUTCOME,
  /** It has left its session in a transaction block. */
  transaction: addon.STEP_TRANSACTION,
  /** Its session has temporary relations. */
  temporary: addon.STEP_TEMPORARY,
} as const;

/** Bytes of a step's output in the slab, below the flags. */
export const lengthOf = (step: number): number => step & addon.STEP_LENGTH_MASK;

/** A start-up packet of the PostgreSQL protocol. */
export interface StartupPacket {
  readonly user: string;
  readonly database: string;
  /** Names and values in turn. */
  readonly parameters: readonly string[];
}

/**
 * One connection's native side. Every method runs at once and waits for nothing; those that step
 * answer flags of `STEP` plus the number of bytes that they wrote to `slab`.
 */
export class NativeConnection {
  readonly handle: number;
  #isClosed = false;

  constructor(front: Front, clientAddress: string) {
    this.handle = callNative(() => addon.connectionOpen(front.handle, clientAddress));
  }

  /** Takes bytes from the socket and runs what needs no waiting. */
  receive(chunk: Uint8Array, slab: Uint8Array): number {
    return addon.connectionReceive(this.handle, chunk, slab);
  }

  /** Goes on after a completion, after output was sent, or in the next tick. */
  step(slab: Uint8Array): number {
    return addon.connectionStep(this.handle, slab);
  }

  startup(): StartupPacket {
    return callNative(() => addon.connectionStartup(this.handle));
  }

  /** Lets the client in as `user`; step next. */
  accept(user: string): void {
    callNative(() => addon.connectionAccept(this.handle, user));
  }

  /** Ends the connection with a FATAL error; step next for its bytes. */
  refuse(sqlstate: string, message: string): void {
    callNative(() => addon.connectionRefuse(this.handle, sqlstate, message));
  }

  /** Stops the statement and rolls back. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    callNative(() => addon.connectionClose(this.handle));
  }
}

/** Completions that one drain takes; the rest follow in the same tick. */
const DRAIN_BATCH = 1024;

/** Makes the calling JavaScript thread a front of an engine: it may then have connections. */
export class Front {
  /** What connections are opened with. */
  readonly handle: number;
  readonly #ready = new Uint32Array(DRAIN_BATCH);
  readonly #onReady: (connection: number) => void;

  /** `engineHandle` is `Engine.handle`; `onReady` is told the handle of each connection that can go on. */
  constructor(
    engineHandle: number,
    maxMessageBytes: number,
    onReady: (connection: number) => void,
  ) {
    this.#onReady = onReady;
    this.handle = callNative(() =>
      addon.frontOpen(engineHandle, maxMessageBytes, () => this.#drain()),
    );
  }

  close(): void {
    callNative(() => addon.frontClose(this.handle));
  }

  #drain(): void {
    for (;;) {
      const count = addon.frontDrain(this.handle, this.#ready);
      for (let at = 0; at < count; at += 1) this.#onReady(this.#ready[at] as number);
      if (count < DRAIN_BATCH) return;
    }
  }
}
