import type { Driver, Session } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { type Claim, type PoolStatistics, SlotPool } from '../native/index.ts';

/** Sessions that one thread keeps without use; more are made within some microseconds. */
const IDLE_MAX = 100;
/** Statements in a row that run in a slot without giving it back between them. */
const SPARE_USES_MAX = 64;

export interface SessionPoolOptions {
  readonly driver: Driver;
  /** `Engine.handle`. */
  readonly engineHandle: number;
  readonly user: string;
  readonly database: string;
  /** What `pg_stat_activity` shows of the pool's sessions. */
  readonly clientAddress: string;
}

/** A session on loan; give it back once, whatever happened. */
export interface Lease {
  readonly session: Session;
  /** `isClean`: nothing of the session's state was changed, so that others may use it as it is. */
  release(isClean: boolean): void;
}

/**
 * Sessions of one user that the requests of a thread share. Each runs in a slot of the one pool, which
 * all threads and doors have together: who finds none waits in its line. A session that was left dirty,
 * in a transaction or with temporary tables is closed, not given to others.
 *
 * The slot of a statement that was over at once is kept for the next one until the turn of the event
 * loop ends, at most `SPARE_USES_MAX` times and while nobody of the thread waits: a slot costs more than
 * a tenth of a read by a key.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #slots: SlotPool;
  readonly #idle: Session[] = [];
  #isClosed = false;
  /** The slot that is kept, and the session that it is known to be of. */
  #spare: { readonly slot: number; readonly owner: number } | undefined;
  #spareUses = 0;
  #isReleasing = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
    this.#slots = new SlotPool(options.engineHandle);
  }

  /** Of all threads and doors. */
  get statistics(): PoolStatistics {
    return this.#slots.statistics();
  }

  /** POOL_EXHAUSTED after the pool's time-out, or at once when too many wait already. */
  async acquire(claim?: Claim): Promise<Lease> {
    const idle = this.#takeIdle();
    const slot = this.#claim(idle, claim);
    if (typeof slot === 'number') return this.#lease(slot, idle ?? this.#connect(slot));
    return this.#lease(await slot, this.#takeFor(await slot));
  }

  /**
   * Runs `work` with a session of its own; see `Lease.release` for `isClean`. Where a slot is free it
   * begins before this returns, and what `work` answers or throws at once is answered or thrown here,
   * without a promise.
   */
  use<T>(
    work: (session: Session) => T | Promise<T>,
    isClean = true,
    claim?: Claim,
  ): T | Promise<T> {
    const idle = this.#takeIdle();
    const slot = this.#claim(idle, claim);
    if (typeof slot !== 'number') return this.#useLater(slot, work, isClean);
    const session = idle ?? this.#connect(slot);
    let answer: T | Promise<T>;
    try {
      answer = work(session);
    } catch (error) {
      this.#giveBack(slot, session, isClean);
      throw error;
    }
    if (answer instanceof Promise) return this.#giveBackAfter(slot, session, answer, isClean);
    this.#giveBackSoon(slot, session, isClean);
    return answer;
  }

  /** Who waits is refused; sessions on loan end when they come back. Idempotent. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#releaseSpare();
    for (const session of this.#idle.splice(0)) session.close();
    this.#slots.close(closedError());
  }

  /** A slot for the session, which is kept for later where the slot must be waited for. */
  #claim(idle: Session | undefined, claim: Claim | undefined): number | Promise<number> {
    if (this.#isClosed) throw closedError();
    const spare = this.#spare;
    if (spare !== undefined) {
      this.#spare = undefined;
      if (idle !== undefined && idle.processId !== spare.owner) {
        this.#slots.setOwner(spare.slot, idle.processId);
      }
      return spare.slot;
    }
    let slot: number | Promise<number> | undefined;
    try {
      slot = this.#slots.acquire(idle?.processId ?? 0, claim);
      return slot;
    } finally {
      if (typeof slot !== 'number' && idle !== undefined) this.#idle.push(idle);
    }
  }

  async #useLater<T>(
    waiting: Promise<number>,
    work: (session: Session) => T | Promise<T>,
    isClean: boolean,
  ): Promise<T> {
    const slot = await waiting;
    const session = this.#takeFor(slot);
    try {
      return await work(session);
    } finally {
      this.#giveBack(slot, session, isClean);
    }
  }

  async #giveBackAfter<T>(
    slot: number,
    session: Session,
    answer: Promise<T>,
    isClean: boolean,
  ): Promise<T> {
    try {
      return await answer;
    } finally {
      this.#giveBack(slot, session, isClean);
    }
  }

  #takeIdle(): Session | undefined {
    for (;;) {
      const session = this.#idle.pop();
      if (session === undefined || !session.isClosed) return session;
    }
  }

  /** A session for a slot whose claim had none. */
  #takeFor(slot: number): Session {
    const idle = this.#takeIdle();
    if (idle === undefined) return this.#connect(slot);
    this.#slots.setOwner(slot, idle.processId);
    return idle;
  }

  #connect(slot: number): Session {
    const { driver, user, database, clientAddress } = this.#options;
    try {
      const session = driver.connect({ user, database, clientAddress });
      this.#slots.setOwner(slot, session.processId);
      return session;
    } catch (error) {
      this.#slots.release(slot);
      throw error;
    }
  }

  #lease(slot: number, session: Session): Lease {
    let isReleased = false;
    return {
      session,
      release: (isClean) => {
        if (isReleased) return;
        isReleased = true;
        this.#giveBack(slot, session, isClean);
      },
    };
  }

  #giveBack(slot: number, session: Session, isClean: boolean): void {
    this.#putAway(session, isClean);
    this.#slots.release(slot);
  }

  #putAway(session: Session, isClean: boolean): void {
    const isDirty = !isClean || session.isInTransaction || session.hasTemporary;
    if (this.#isClosed || isDirty || this.#idle.length >= IDLE_MAX) session.close();
    else if (!session.isClosed) this.#idle.push(session);
  }

  /** As `#giveBack`, but the next statement of this turn may have the slot. */
  #giveBackSoon(slot: number, session: Session, isClean: boolean): void {
    this.#putAway(session, isClean);
    const isWanted = this.#slots.hasWaiters || this.#spareUses >= SPARE_USES_MAX;
    if (this.#isClosed || isWanted || this.#spare !== undefined) {
      this.#spareUses = 0;
      this.#slots.release(slot);
      return;
    }
    this.#spareUses += 1;
    this.#spare = { slot, owner: session.processId };
    if (this.#isReleasing) return;
    this.#isReleasing = true;
    setImmediate(() => {
      this.#isReleasing = false;
      this.#releaseSpare();
    });
  }

  #releaseSpare(): void {
    const spare = this.#spare;
    if (spare === undefined) return;
    this.#spare = undefined;
    this.#spareUses = 0;
    this.#slots.release(spare.slot);
  }
}

function closedError(): RustyError {
  return RustyError.of('SERVICE_UNAVAILABLE', { what: 'the pool' });
}
