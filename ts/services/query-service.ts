import type { Session, StatementEnd, StatementRequest, TakeBytes } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { leavesSessionClean, type SessionPool } from '../pool/index.ts';
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
}

interface Running {
  readonly sql: string;
  readonly user: string;
  readonly startedMs: number;
  readonly startedAt: string;
  session: Session | undefined;
  input: InterruptibleInput | undefined;
  cancelled: RustyError | undefined;
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

  /** Runs a statement on a session of the pool; what it answers goes to `take`. */
  async run(user: string, request: StatementRequest, take: TakeBytes): Promise<QueryEnd> {
    const { pool } = this.#options;
    return this.#track(user, request.sql, async (running) => {
      const lease = await pool.acquire();
      try {
        return await this.#execute(running, lease.session, request, take);
      } finally {
        lease.release(leavesSessionClean(request.sql));
      }
    });
  }

  /** Runs a statement on a session that the caller has, as one of several of a transaction. */
  runOn(
    session: Session,
    user: string,
    request: StatementRequest,
    take: TakeBytes,
  ): Promise<QueryEnd> {
    return this.#track(user, request.sql, (running) =>
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
      startedAt: running.startedAt,
      ageMs: Math.round(nowMs - running.startedMs),
    }));
  }

  /** Interrupts a statement, whether it runs or still waits for a session. */
  cancel(id: string): void {
    const running = this.#active.get(id);
    if (running === undefined) throw RustyError.of('NOT_FOUND', { what: `query ${id}` });
    running.cancelled = RustyError.of('CANCELLED', { what: 'the query, by request' });
    running.session?.cancel(running.cancelled);
    running.input?.interrupt(running.cancelled);
  }

  async #track<T extends StatementEnd>(
    user: string,
    sql: string,
    work: (running: Running) => Promise<T>,
  ): Promise<QueryEnd> {
    const { clock, newId, maxActive } = this.#options;
    const queryId = newId();
    const running: Running = {
      sql,
      user,
      startedMs: clock.monotonicMs(),
      startedAt: new Date(clock.wallMs()).toISOString(),
      session: undefined,
      input: undefined,
      cancelled: undefined,
    };
    if (!this.#active.set(queryId, running)) {
      throw RustyError.of('RESOURCE_EXHAUSTED', { what: 'active queries', limit: maxActive });
    }
    try {
      const end = await work(running);
      const executionTimeMs = clock.monotonicMs() - running.startedMs;
      return { ...end, queryId, executionTimeMs: Math.round(executionTimeMs * 1000) / 1000 };
    } finally {
      this.#active.delete(queryId);
    }
  }

  async #execute(
    running: Running,
    session: Session,
    request: StatementRequest,
    take: TakeBytes,
  ): Promise<StatementEnd> {
    if (running.cancelled !== undefined) throw running.cancelled;
    running.session = session;
    const input = request.input && new InterruptibleInput(request.input);
    running.input = input;
    let wasTaken = true;
    const watched: TakeBytes = (bytes) => {
      wasTaken = false;
      const taken = take(bytes);
      if (taken === undefined) wasTaken = true;
      else
        return taken.then(() => {
          wasTaken = true;
        });
    };
    try {
      return await session.run(input === undefined ? request : { ...request, input }, watched);
    } finally {
      // An interrupt that came too late for the statement would meet the session's next one.
      if (!wasTaken || this.#isInterrupted(running, request)) session.close();
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

function stateOf({ session, cancelled }: Running): ActiveQuery['state'] {
  if (cancelled !== undefined) return 'cancelling';
  return session === undefined ? 'waiting' : 'running';
}
