import type { Driver, Session } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { BoundedQueue } from '../util/bounded-queue.ts';
import type { Clock, Timer } from '../util/clock.ts';

/** Waiters for a session; the next is refused at once. */
const WAITERS_MAX = 10_000;

export interface SessionPoolOptions {
  readonly driver: Driver;
  readonly clock: Clock;
  readonly user: string;
  readonly database: string;
  /** What `pg_stat_activity` shows of the pool's sessions. */
  readonly clientAddress: string;
  readonly maxSize: number;
  readonly acquireTimeoutMs: number;
}

interface Waiter {
  readonly grant: (session: Session) => void;
  readonly timer: Timer;
}

/** A session on loan; give it back once, whatever happened. */
export interface Lease {
  readonly session: Session;
  /** `isClean`: nothing of the session's state was changed, so that others may use it as it is. */
  release(isClean: boolean): void;
}

/**
 * Sessions of one user that requests share, at most so many at a time; who finds none waits in
 * line. One that was left dirty, in a transaction or with temporary tables is closed, not given to
 * others: a new one costs some microseconds.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  readonly #idle: Session[] = [];
  readonly #waiters = new BoundedQueue<Waiter>({ name: 'pool_waiters', cap: WAITERS_MAX });
  #size = 0;
  #isClosed = false;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  get stats(): { readonly size: number; readonly idle: number; readonly waiting: number } {
    return { size: this.#size, idle: this.#idle.length, waiting: this.#waiters.size };
  }

  /** POOL_EXHAUSTED after the pool's time-out, or at once when too many wait already. */
  async acquire(): Promise<Lease> {
    if (this.#isClosed) throw RustyError.of('SERVICE_UNAVAILABLE', { what: 'the pool' });
    return this.#lease(this.#take() ?? (await this.#wait()));
  }

  /**
   * Runs `work` with a session of its own; see `Lease.release` for `isClean`. Where a session is free
   * it begins before this returns, and what `work` answers or throws at once is answered or thrown
   * here, without a promise.
   */
  use<T>(work: (session: Session) => T | Promise<T>, isClean = true): T | Promise<T> {
    const session = this.#isClosed ? undefined : this.#take();
    if (session === undefined) return this.#useLater(work, isClean);
    let answer: T | Promise<T>;
    try {
      answer = work(session);
    } catch (error) {
      this.#giveBack(session, isClean);
      throw error;
    }
    if (answer instanceof Promise) return this.#giveBackAfter(session, answer, isClean);
    this.#giveBack(session, isClean);
    return answer;
  }

  close(): void {
    this.#isClosed = true;
    for (const session of this.#idle.splice(0)) session.close();
  }

  async #useLater<T>(work: (session: Session) => T | Promise<T>, isClean: boolean): Promise<T> {
    const lease = await this.acquire();
    try {
      return await work(lease.session);
    } finally {
      lease.release(isClean);
    }
  }

  async #giveBackAfter<T>(session: Session, answer: Promise<T>, isClean: boolean): Promise<T> {
    try {
      return await answer;
    } finally {
      this.#giveBack(session, isClean);
    }
  }

  #take(): Session | undefined {
    for (;;) {
      const session = this.#idle.pop();
      if (session === undefined) break;
      if (!session.isClosed) return session;
      this.#size -= 1;
    }
    return this.#size < this.#options.maxSize ? this.#make() : undefined;
  }

  #make(): Session {
    const { driver, user, database, clientAddress } = this.#options;
    const session = driver.connect({ user, database, clientAddress });
    this.#size += 1;
    return session;
  }

  #wait(): Promise<Session> {
    const { clock, acquireTimeoutMs, maxSize } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Session>();
    const exhausted = (): RustyError =>
      RustyError.of('POOL_EXHAUSTED', {
        what: `all ${maxSize} sessions are in use`,
      });
    const waiter: Waiter = {
      grant: resolve,
      timer: clock.after(acquireTimeoutMs, () => {
        this.#waiters.remove((one) => one === waiter);
        reject(exhausted());
      }),
    };
    if (!this.#waiters.push(waiter)) {
      waiter.timer.cancel();
      reject(exhausted());
    }
    return promise;
  }

  #lease(session: Session): Lease {
    let isReleased = false;
    return {
      session,
      release: (isClean) => {
        if (isReleased) return;
        isReleased = true;
        this.#giveBack(session, isClean);
      },
    };
  }

  #giveBack(session: Session, isClean: boolean): void {
    let usable: Session | undefined = session;
    const isDirty = !isClean || session.isInTransaction || session.isClosed;
    if (this.#isClosed || isDirty || session.hasTemporary) {
      session.close();
      this.#size -= 1;
      usable = undefined;
    }
    if (this.#isClosed) return;
    const waiter = this.#waiters.shift();
    if (waiter === undefined) {
      if (usable !== undefined) this.#idle.push(usable);
      return;
    }
    waiter.timer.cancel();
    waiter.grant(usable ?? this.#make());
  }
}
