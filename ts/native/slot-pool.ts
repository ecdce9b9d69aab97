import { RustyError } from '../errors/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import { KeepAlive } from '../util/keep-alive.ts';
import * as addon from './addon.ts';
import { callNative, fromNative } from './native-error.ts';

/** Who goes first where the pool's line is not first come, first served. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const;
export type Priority = (typeof PRIORITIES)[number];

/** Settings of the pool; each is a key `pool.*` of the configuration. */
export interface PoolOptions {
  readonly minSize: number;
  readonly initialSize: number;
  readonly maxSize: number;
  readonly reserveSize: number;
  readonly reserveTimeoutMs: number;
  readonly acquireTimeoutMs: number;
  readonly maxLifetimeMs: number;
  readonly idleTimeoutMs: number;
  readonly maxWaitQueueSize: number;
  readonly fairQueue: boolean;
  readonly priorityAgeingMs: number;
  readonly leakDetectionThresholdMs: number;
  readonly leakReclaim: boolean;
  readonly maintenanceIntervalMs: number;
}

/** A wish for a slot. */
export interface Claim {
  /** Default normal. */
  readonly priority?: Priority;
  /** The longest wait that is of use, 0 for none; the pool's own limit bounds it. */
  readonly timeoutMs?: number;
  /** Ends the wait; CANCELLED then. */
  readonly signal?: AbortSignal;
  /** Told, where the claim must wait, how to end that wait. */
  readonly onWait?: (giveUp: (reason: unknown) => void) => void;
}

/** A quantity of times, in milliseconds. */
export interface Durations {
  readonly count: number;
  readonly averageMs: number;
  readonly maxMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** The pool's state, and counts since the engine was opened. */
export interface PoolStatistics {
  readonly state: 'running' | 'paused';
  readonly maxSize: number;
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  readonly waiting: number;
  readonly waitingMax: number;
  readonly acquired: number;
  readonly refused: number;
  readonly timedOut: number;
  readonly abandoned: number;
  readonly created: number;
  readonly closed: number;
  readonly leaks: number;
  readonly waits: Durations;
  readonly holds: Durations;
  readonly lifetimes: Durations;
}

interface Waiter {
  readonly ticket: number;
  readonly grant: (slot: number) => void;
  readonly fail: (error: unknown) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
}

const NORMAL = PRIORITIES.indexOf('normal');
/** The one partition that there always is. */
const REST = 0;
const NO_LIMIT = -1;
/** Waiters of one thread; the pool's own limit is mostly lower. */
const WAITERS_MAX = 1_000_000;
const WOKEN_BATCH = 512;
/** In place of the slot of a claim that was refused. */
const REFUSED = 0xffff_ffff;

/** The error of a wait that its signal ended. */
function leftBy(signal: AbortSignal): RustyError {
  const what = 'the wait for a session, by its signal';
  return RustyError.of('CANCELLED', { what }, { cause: signal.reason });
}

/**
 * The one pool of an engine, as a JavaScript thread calls it. The state is native and the same for
 * all threads and doors; here are only the promises of those who wait.
 */
export class SlotPool {
  readonly #engineHandle: number;
  readonly #handle: number;
  readonly #keepAlive = new KeepAlive();
  readonly #waiters = new BoundedMap<number, Waiter>({
    name: 'pool_waiters',
    cap: WAITERS_MAX,
    whenFull: 'refuse',
  });
  readonly #woken = new Uint32Array(2 * WOKEN_BATCH);
  #token = 0;
  #isClosed = false;

  /** `engineHandle` is `Engine.handle`. */
  constructor(engineHandle: number) {
    this.#engineHandle = engineHandle;
    this.#handle = callNative(() => addon.poolOpen(engineHandle, () => this.#wake()));
  }

  /** Gives the pool its settings, at first and whenever they change. 22023 where they contradict. */
  static configure(engineHandle: number, options: PoolOptions): void {
    callNative(() => addon.poolConfigure(engineHandle, { ...options }));
  }

  /**
   * A slot, or a promise of one where it must be waited for. `owner` is the process number of the
   * session that will run in it, 0 where that is not known. POOL_EXHAUSTED where the line is full or
   * the wait too long.
   */
  acquire(owner: number, claim?: Claim): number | Promise<number> {
    // Where others of this thread wait there is none.
    const slot = this.#waiters.size > 0 ? -1 : addon.poolTake(this.#handle, owner);
    return slot >= 0 ? slot : this.#queue(owner, claim ?? {});
  }

  /** Gives a slot back. 55000 where that has been done before. */
  release(slot: number): void {
    if (this.#isClosed) return;
    let isWoken: boolean;
    try {
      isWoken = addon.poolRelease(this.#handle, slot);
    } catch (error) {
      throw fromNative(error);
    }
    if (isWoken) this.#wake();
  }

  /** Says which session runs in a slot. */
  setOwner(slot: number, owner: number): void {
    callNative(() => addon.poolSetOwner(this.#handle, slot, owner));
  }

  /** Somebody of this thread waits. */
  get hasWaiters(): boolean {
    return this.#waiters.size > 0;
  }

  /** Of all threads and doors. */
  statistics(): PoolStatistics {
    return JSON.parse(callNative(() => addon.poolReport(this.#engineHandle, 'statistics')));
  }

  /** Who waits on this thread waits no more. Idempotent. */
  close(reason: unknown): void {
    if (this.#isClosed) return;
    for (const token of [...this.#waiters.keys()]) this.#giveUp(token, reason);
    this.#isClosed = true;
    addon.poolClose(this.#handle);
  }

  /** A place in the line, or the slot that has come free meanwhile. */
  #queue(owner: number, claim: Claim): number | Promise<number> {
    const { priority, timeoutMs = NO_LIMIT, signal, onWait } = claim;
    if (signal?.aborted === true) return Promise.reject(leftBy(signal));
    const rank = priority === undefined ? NORMAL : PRIORITIES.indexOf(priority);
    this.#token = (this.#token + 1) >>> 0;
    const token = this.#token;
    let slot: number;
    try {
      slot = addon.poolAcquire(this.#handle, owner, REST, rank, timeoutMs, token);
    } catch (error) {
      throw fromNative(error);
    }
    if (slot >= 0) return slot;
    const waiting = this.#wait(token, slot, signal);
    onWait?.((reason) => this.#giveUp(token, reason));
    return waiting;
  }

  #wait(token: number, ticket: number, signal: AbortSignal | undefined): Promise<number> {
    const onAbort = signal && ((): void => this.#giveUp(token, leftBy(signal)));
    if (onAbort !== undefined) signal?.addEventListener('abort', onAbort, { once: true });
    return new Promise((grant, fail) => {
      if (this.#waiters.set(token, { ticket, grant, fail, signal, onAbort })) {
        this.#keepAlive.hold();
        return;
      }
      addon.poolAbandon(this.#handle, ticket);
      const what = 'claims of one thread that wait for the pool';
      fail(RustyError.of('RESOURCE_EXHAUSTED', { what, limit: WAITERS_MAX }));
    });
  }

  /** The waiter, who waits no longer; none where that was so before. */
  #takeWaiter(token: number): Waiter | undefined {
    const waiter = this.#waiters.get(token);
    if (waiter === undefined) return undefined;
    this.#waiters.delete(token);
    this.#keepAlive.release();
    const { signal, onAbort } = waiter;
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
    return waiter;
  }

  #giveUp(token: number, reason: unknown): void {
    const waiter = this.#takeWaiter(token);
    if (waiter === undefined) return;
    callNative(() => addon.poolAbandon(this.#handle, waiter.ticket));
    waiter.fail(reason);
  }

  #wake(): void {
    for (;;) {
      if (this.#isClosed) return;
      const count = addon.poolWoken(this.#handle, this.#woken);
      for (let at = 0; at < count; at += 1) {
        this.#settle(this.#woken[2 * at] as number, this.#woken[2 * at + 1] as number);
      }
      if (count < WOKEN_BATCH) return;
    }
  }

  #settle(token: number, slot: number): void {
    const waiter = this.#takeWaiter(token);
    if (waiter === undefined) {
      // It has given up when the slot was on its way already.
      if (slot !== REFUSED) queueMicrotask(() => this.release(slot));
      return;
    }
    if (slot !== REFUSED) {
      waiter.grant(slot);
      return;
    }
    try {
      waiter.grant(addon.poolCollect(this.#handle, waiter.ticket));
    } catch (error) {
      waiter.fail(fromNative(error));
    }
  }
}
