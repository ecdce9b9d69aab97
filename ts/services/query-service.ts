import type { Session, StatementEnd, StatementRequest, TakeBytes } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import type { TraceSpan } from '../monitoring/tracing.ts';
import { type Claim, leavesSessionClean, type SessionPool } from '../pool/index.ts';
import { BoundedMap } from '../util/bounded-map.ts';
import type { Clock } from '../util/clock.ts';
import type { Fill } from '../util/fill.ts';
import { InterruptibleInput } from './interruptible-input.ts';

/** Longest part of a statement that a list of queries shows. */
const SHOWN_CHARACTERS = 1000;

/** A statement that runs. */
export interface ActiveQuery {
  readonly id: string;
  readonly sql: string;
  readonly user: string;
  readonly state: 'waiting' | 'running' | 'cancelling';
  readonly startedAt: string;
  readonly ageMs: number;
}

/** How a query ended that went well. */
export interface QueryEnd extends StatementEnd {
  readonly queryId: string;
  readonly executionTimeMs: number;
}

export interface QueryServiceOptions {
  readonly pool: SessionPool;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly maxActive: number;
  /** Hears of each statement that has ended; see `StatementObserver`. */
  readonly observer?: StatementObserver;
}

/** A statement that has ended, well or not. */
export interface EndedStatement {
  readonly queryId: string;
  readonly sql: string;
  readonly user: string;
  readonly startedWallMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** What counts statements. */
export interface StatementObserver {
  ended(statement: EndedStatement): void;
}

interface Running {
  readonly id: string;
  readonly sql: string;
  readonly user: string;
  readonly startedMs: number;
  readonly startedWallMs: number;
  session: Session | undefined;
  input: InterruptibleInput | undefined;
  /** Of a traced statement that has no session yet. */
  wait: TraceSpan | undefined;
  /** Ends the wait for a session. */
  giveUp: ((reason: unknown) => void) | undefined;
  cancelled: RustyError | undefined;
}

/** Passes an answer on, and knows whether all of it was taken. */
class Taking {
  readonly #take: TakeBytes;
  #wasTaken = true;

  constructor(take: TakeBytes) {
    this.#take = take;
  }

  get wasTaken(): boolean {
    return this.#wasTaken;
  }

  readonly take: TakeBytes = (bytes) => {
    this.#wasTaken = false;
    const taken = this.#take(bytes);
    if (taken !== undefined) return this.#takeLonger(taken);
    this.#wasTaken = true;
  };

  async #takeLonger(taken: Promise<void>): Promise<void> {
    await taken;
    this.#wasTaken = true;
  }
}

/** Runs statements for any door, and knows which ones run. */
export class QueryService {
  readonly #options: QueryServiceOptions;
  readonly #active: BoundedMap<string, Running>;

  constructor(options: QueryServiceOptions) {
    this.#options = options;
    this.#active = new BoundedMap({
      name: 'active_queries',
      cap: options.maxActive,
      whenFull: 'refuse',
    });
  }

  /**
   * Runs a statement on a session of the pool; what it answers goes to `take`. One that waits for
   * nothing is done when the call returns, as by `Session.run`.
   */
  run(user: string, request: StatementRequest, take: TakeBytes): QueryEnd | Promise<QueryEnd> {
    return this.#begin(user, request.sql, (running) => {
      if (request.trace !== undefined) running.wait = request.trace.child('pool');
      return this.#options.pool.use(
        (session) => this.#execute(running, session, request, take),
        leavesSessionClean(request.sql),
        claimOf(running, request),
      );
    });
  }

  /** Runs a statement on a session that the caller has, as one of several of a transaction. */
  runOn(
    session: Session,
    user: string,
    request: StatementRequest,
    take: TakeBytes,
  ): QueryEnd | Promise<QueryEnd> {
    return this.#begin(user, request.sql, (running) =>
      this.#execute(running, session, request, take),
    );
  }

  fill(): Fill {
    return this.#active.fill();
  }

  /** What runs now, oldest first. */
  list(): readonly ActiveQuery[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#active.entries()].map(([id, running]) => ({
      id,
      sql: running.sql.slice(0, SHOWN_CHARACTERS),
      user: running.user,
      state: stateOf(running),
      startedAt: new Date(running.startedWallMs).toISOString(),
      ageMs: Math.round(nowMs - running.startedMs),
    }));
  }

  /** Interrupts a statement, whether it runs or still waits for a session; false if it is not here. */
  cancel(id: string): boolean {
    const running = this.#active.get(id);
    if (running === undefined) return false;
    running.cancelled = RustyError.of('CANCELLED', { what: 'the query, by request' });
    running.giveUp?.(running.cancelled);
    running.session?.cancel(running.cancelled);
    running.input?.interrupt(running.cancelled);
    return true;
  }

  #begin(
    user: string,
    sql: string,
    work: (running: Running) => StatementEnd | Promise<StatementEnd>,
  ): QueryEnd | Promise<QueryEnd> {
    const { clock, newId, maxActive } = this.#options;
    const running: Running = {
      id: newId(),
      sql,
      user,
      startedMs: clock.monotonicMs(),
      startedWallMs: clock.wallMs(),
      session: undefined,
      input: undefined,
      wait: undefined,
      giveUp: undefined,
      cancelled: undefined,
    };
    if (this.#active.isFull && !this.#active.set(running.id, running)) {
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'active queries', limit: maxActive });
    }
    let end: StatementEnd | Promise<StatementEnd>;
    try {
      end = work(running);
    } catch (error) {
      this.#observe(running, true);
      throw error;
    }
    // What has ended at once nobody could have seen.
    return end instanceof Promise ? this.#track(running, end) : this.#endOf(running, end);
  }

  async #track(running: Running, end: Promise<StatementEnd>): Promise<QueryEnd> {
    this.#active.set(running.id, running);
    try {
      return this.#endOf(running, await end);
    } catch (error) {
      this.#observe(running, true);
      throw error;
    } finally {
      this.#active.delete(running.id);
    }
  }

  /** Tells the observer; answers how long the statement took. */
  #observe(running: Running, failed: boolean): number {
    const { id: queryId, sql, user, startedMs, startedWallMs } = running;
    const { clock, observer } = this.#options;
    const durationMs = clock.monotonicMs() - startedMs;
    running.wait?.end();
    observer?.ended({ queryId, sql, user, startedWallMs, durationMs, failed });
    return durationMs;
  }

  #endOf(running: Running, end: StatementEnd): QueryEnd {
    const { notices, noticesDropped, isInTransaction } = end;
    const ranMs = this.#observe(running, false);
    const executionTimeMs = Math.round(ranMs * 1000) / 1000;
    return { notices, noticesDropped, isInTransaction, queryId: running.id, executionTimeMs };
  }

  #execute(
    running: Running,
    session: Session,
    request: StatementRequest,
    take: TakeBytes,
  ): StatementEnd | Promise<StatementEnd> {
    running.wait?.end();
    running.wait = undefined;
    if (running.cancelled !== undefined) throw running.cancelled;
    running.session = session;
    const span = request.trace?.child('execute');
    const input = request.input && new InterruptibleInput(request.input);
    running.input = input;
    const taking = new Taking(take);
    let end: StatementEnd | Promise<StatementEnd>;
    try {
      end = session.run(input === undefined ? request : { ...request, input }, taking.take);
    } catch (error) {
      span?.end(error);
      if (!taking.wasTaken) session.close();
      throw error;
    }
    // What ended at once nobody can have interrupted.
    if (!(end instanceof Promise)) {
      span?.end();
      return end;
    }
    if (span !== undefined)
      end.then(
        () => span.end(),
        (error: unknown) => span.end(error),
      );
    return this.#executeLonger(running, session, request, taking, end);
  }

  async #executeLonger(
    running: Running,
    session: Session,
    request: StatementRequest,
    taking: Taking,
    end: Promise<StatementEnd>,
  ): Promise<StatementEnd> {
    try {
      return await end;
    } finally {
      // An interrupt that came too late for the statement would meet the session's next one.
      if (!taking.wasTaken || this.#isInterrupted(running, request)) session.close();
    }
  }

  #isInterrupted({ cancelled, startedMs }: Running, request: StatementRequest): boolean {
    const { signal, timeoutMs = 0 } = request;
    const ranMs = this.#options.clock.monotonicMs() - startedMs;
    return (
      cancelled !== undefined || signal?.aborted === true || (timeoutMs > 0 && ranMs >= timeoutMs)
    );
  }
}

/** What a query asks of the pool: its time and its client count while it waits too. */
function claimOf(running: Running, { signal, timeoutMs = 0 }: StatementRequest): Claim {
  return {
    ...(timeoutMs > 0 && { timeoutMs }),
    ...(signal && { signal }),
    onWait(giveUp) {
      running.giveUp = giveUp;
    },
  };
}

function stateOf({ session, cancelled }: Running): ActiveQuery['state'] {
  if (cancelled !== undefined) return 'cancelling';
  return session === undefined ? 'waiting' : 'running';
}
