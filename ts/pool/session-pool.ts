import type { Driver, Session } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { BoundedQueue } from '../util/bounded-queue.ts';
import type { Clock, Timer } from '../util/clock.ts';
import type { SharedCount } from '../util/shared-count.ts';

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
  /** Where other threads have pools too: what all of them have together. */
  readonly shared?: SharedSessions;
}

/** The sessions of the pools of several threads. */
export interface SharedSessions {
  /** Sessions that there are, and the most that there may be. */
  readonly sessions: SharedCount;
  /** Those that nobody uses. */
  readonly idle: SharedCount;
  /** Waiters for one. */
  readonly waiting: SharedCount;
  /** A waiter has come: other pools are to give up what they do not use. */
  onWait(): void;
  /** This pool has given up a session while there were waiters elsewhere. */
  onGiveUp(): void;
}

interface Waiter {
  readonly grant: (session: Session) => void;
  readonly fail: (error: unknown) => void;
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

  /** Of all threads that share. */
  get stats(): { readonly size: number; readonly idle: number; readonly waiting: number } {
    const { shared } = this.#options;
    if (shared !== undefined) {
      const { sessions, idle, waiting } = shared;
      return { size: sessions.total, idle: idle.total, waiting: waiting.total };
    }
    return { size: this.#size, idle: this.#idle.length, waiting: this.#waiters.size };
  }

  /**
   * Makes sure that the next statement finds a session; false where it would have to wait, or would
   * be served before those who wait on other threads.
   */
  reserve(): boolean {
    if (this.#isClosed) return false;
    if (this.#idle.at(-1)?.isClosed === false) return true;
    if ((this.#options.shared?.waiting.total ?? 0) > 0) return false;
    const session = this.#take();
    if (session === undefined) return false;
    this.#keep(session);
    return true;
  }

  /** Sessions that nobody uses end. */
  giveUpIdle(): void {
    for (const session of this.#idle.splice(0)) this.#end(session);
    this.#options.shared?.idle.set(0);
    this.#options.shared?.onGiveUp();
  }

  /** Others may have given up sessions: who waits may have one. Says whether nobody waits any more. */
  retry(): boolean {
    while (this.#waiters.size > 0 && !this.#isClosed) {
      try {
        const session = this.#take();
        if (session === undefined) return false;
        this.#grant(session);
      } catch (error) {
        this.#nextWaiter()?.fail(error);
      }
    }
    return true;
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
    for (const session of this.#idle.splice(0)) this.#end(session);
    this.#options.shared?.idle.set(0);
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
      if (session === undefined) return this.#make();
      this.#options.shared?.idle.leave();
      if (!session.isClosed) return session;
      this.#forget();
    }
  }

  /** None where there are as many as may be. */
  #make(): Session | undefined {
    const { driver, user, database, clientAddress, maxSize, shared } = this.#options;
    if (this.#size >= maxSize || shared?.sessions.enter() === false) return undefined;
    this.#size += 1;
    try {
      return driver.connect({ user, database, clientAddress });
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #keep(session: Session): void {
    this.#idle.push(session);
    this.#options.shared?.idle.add();
  }

  #end(session: Session): void {
    session.close();
    this.#forget();
  }

  #forget(): void {
    this.#size -= 1;
    this.#options.shared?.sessions.leave();
  }

  #wait(): Promise<Session> {
    const { clock, acquireTimeoutMs, maxSize, shared } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<Session>();
    const exhausted = (): RustyError =>
      RustyError.of('POOL_EXHAUSTED', {
        what: `all ${maxSize} sessions are in use`,
      });
    const waiter: Waiter = {
      grant: resolve,
      fail: reject,
      timer: clock.after(acquireTimeoutMs, () => {
        this.#waiters.remove((one) => one === waiter);
        shared?.waiting.leave();
        reject(exhausted());
      }),
    };
    if (this.#waiters.push(waiter)) {
      shared?.waiting.add();
      shared?.onWait();
    } else {
      waiter.timer.cancel();
      reject(exhausted());
    }
    return promise;
  }

  /** Gives a session to who waits longest. */
  #grant(session: Session): void {
    const waiter = this.#nextWaiter();
    if (waiter === undefined) this.#keep(session);
    else waiter.grant(session);
  }

  #nextWaiter(): Waiter | undefined {
    const waiter = this.#waiters.shift();
    if (waiter === undefined) return undefined;
    this.#options.shared?.waiting.leave();
    waiter.timer.cancel();
    return waiter;
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
    const { shared } = this.#options;
    const isDirty = !isClean || session.isInTransaction || session.isClosed;
    const isWanted = this.#waiters.size === 0 && shared !== undefined && shared.waiting.total > 0;
    if (!this.#isClosed && !isDirty && !isWanted && !session.hasTemporary) {
      this.#grant(session);
      return;
    }
    this.#end(session);
    if (isWanted) shared.onGiveUp();
    else if (!this.#isClosed) this.retry();
  }
}
