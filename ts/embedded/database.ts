import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  Collector,
  EmbeddedDriver,
  encodeParameters,
  integersOf,
  keepText,
  type Layout,
  type Notice,
  type ReadAnswer,
  type Session,
} from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { Engine, SlotPool } from '../native/index.ts';
import { type Lease, leavesSessionClean, SessionPool, smallPoolOptions } from '../pool/index.ts';
import { systemClock } from '../util/clock.ts';
import { NO_SHAPE, readPackedRow, type Shape } from './packed-rows.ts';
import {
  type QueryOptions,
  type Result,
  type Row,
  readBytes,
  readCount,
  readRows,
  runQuery,
} from './result.ts';
import { streamRows } from './row-stream.ts';

/** How to open a database in this process. */
export interface OpenOptions {
  /** Bytes of the buffer pool, at least 1 MiB. Default 64 MiB. */
  readonly bufferPoolBytes?: number;
  /**
   * When a commit is acknowledged: `full` once it is on the disk, `normal` once the system has it (a
   * crash of the machine may lose the newest). So with `off`, and nothing is synced at all: a crash
   * of the machine may lose the database. Default `full`.
   */
  readonly sync?: 'full' | 'normal' | 'off';
  /**
   * Statements that run at one time, of all threads; further ones wait in line. Default four a core.
   */
  readonly maxSessions?: number;
}

/** What begins a transaction. */
export interface TransactionOptions extends QueryOptions {
  readonly isolation?: 'read committed' | 'repeatable read';
  readonly readOnly?: boolean;
}

/** What runs statements: a database, or a transaction of it. */
export interface Queryable {
  /**
   * Runs one statement, `$1` being the first of the parameters, and gives all of its rows.
   *
   * bigint values are numbers up to 2^53 and BigInt beyond, numeric values strings, bytea a Buffer,
   * json what it says, dates and times text in ISO 8601.
   *
   * Rejects with a `RustyError` that has the SQLSTATE.
   */
  query<T = Row>(
    sql: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): Promise<Result<T>>;

  /** The rows of a statement one at a time; memory does not grow with their number. */
  iterate<T = Row>(
    sql: string,
    parameters?: readonly unknown[],
    options?: QueryOptions,
  ): AsyncIterable<T>;
}

/** What a COPY into a table came to. */
export interface CopyResult {
  readonly rowCount: number;
  /** Lines that were left out among them, where `ON_ERROR ignore, LOG_VERBOSITY verbose` asks. */
  readonly notices: readonly Notice[];
}

/** What lends a session for one statement; `work` may answer at once. */
type WithSession = <T>(work: (session: Session) => T | Promise<T>) => Promise<T>;

/** A statement to be run more than once. Its plan is kept by the engine, by its text. */
export class Statement<T = Row> {
  readonly #lend: WithSession;
  readonly #owner: Queryable;
  readonly sql: string;
  /** What stands for it. */
  readonly #text: number;
  /** Of the newest row that was read. */
  #shape: Shape = NO_SHAPE;

  constructor(owner: Queryable, lend: WithSession, sql: string) {
    this.#owner = owner;
    this.#lend = lend;
    this.sql = sql;
    this.#text = keepText(sql);
  }

  /** All rows. */
  all(...parameters: readonly unknown[]): Promise<T[]> {
    return this.#ask(parameters, 'rows', true, readRows<T>);
  }

  /** The first row. */
  get(...parameters: readonly unknown[]): Promise<T | undefined> {
    const known = this.#shape;
    const read = (bytes: Buffer, length: number): T | undefined => {
      const answer = readPackedRow(bytes, length, known);
      if (answer === undefined) return undefined;
      this.#shape = answer.shape;
      return answer.row as T;
    };
    return this.#ask(parameters, 'packed', true, read, known.number);
  }

  /** All rows as the bytes of a JSON array, values as PostgreSQL's `to_json` has them. */
  json(...parameters: readonly unknown[]): Promise<Buffer> {
    return this.#ask(parameters, 'rows', false, readBytes);
  }

  /** How many rows were written. */
  run(...parameters: readonly unknown[]): Promise<number> {
    return this.#ask(parameters, 'count', true, readCount);
  }

  iterate(...parameters: readonly unknown[]): AsyncIterable<T> {
    return this.#owner.iterate<T>(this.sql, parameters);
  }

  #ask<R>(
    parameters: readonly unknown[],
    layout: Layout,
    isExact: boolean,
    read: ReadAnswer<R>,
    knownShape = 0,
  ): Promise<R> {
    return this.#lend((session) => {
      const { sql } = this;
      const text = this.#text;
      const integers = integersOf(parameters);
      const request =
        integers === undefined
          ? { sql, text, layout, isExact, knownShape, parameters: encodeParameters(parameters) }
          : { sql, text, layout, isExact, knownShape, integers };
      return session.runWhole(request, read);
    });
  }
}

/** Statements of one transaction; usable until the callback that was given it ends. */
class Transaction implements Queryable {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async query<T = Row>(
    sql: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Result<T>> {
    return runQuery<T>(this.#session, sql, parameters, options);
  }

  iterate<T = Row>(
    sql: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): AsyncIterable<T> {
    return streamRows<T>(this.#session, sql, parameters, options);
  }
}

/**
 * A database in this process. Several may be open at one time; worker threads share one by
 * `open` with the handle of another thread's database.
 */
export class Database implements Queryable {
  readonly #engine: Engine;
  readonly #driver: EmbeddedDriver;
  readonly #pool: SessionPool;
  readonly #isOwner: boolean;
  #isClosed = false;

  constructor(engine: Engine, isOwner: boolean) {
    this.#engine = engine;
    this.#isOwner = isOwner;
    this.#driver = new EmbeddedDriver({ engine, clock: systemClock });
    this.#pool = new SessionPool({
      driver: this.#driver,
      engineHandle: engine.handle,
      user: 'rustydb',
      database: 'rustydb',
      clientAddress: 'in-process',
    });
  }

  /** What another thread opens this database by; see `openShared`. */
  get handle(): number {
    return this.#engine.handle;
  }

  query<T = Row>(
    sql: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): Promise<Result<T>> {
    const isClean = leavesSessionClean(sql);
    return this.#lend((session) => runQuery<T>(session, sql, parameters, options), isClean);
  }

  async *iterate<T = Row>(
    sql: string,
    parameters: readonly unknown[] = [],
    options: QueryOptions = {},
  ): AsyncGenerator<T, void, void> {
    const lease = await this.#acquire();
    try {
      yield* streamRows<T>(lease.session, sql, parameters, options);
    } finally {
      lease.release(leavesSessionClean(sql));
    }
  }

  /** Runs `COPY ... FROM STDIN` with the bytes of `input`; how many rows came in, and what was said. */
  copyFrom(
    sql: string,
    input: AsyncIterable<Uint8Array>,
    { signal }: QueryOptions = {},
  ): Promise<CopyResult> {
    return this.#lend(async (session) => {
      const answer = new Collector();
      const request = { sql, layout: 'count', input, ...(signal && { signal }) } as const;
      const { notices } = await session.run(request, answer.take);
      return { rowCount: Number(answer.text()), notices };
    }, leavesSessionClean(sql));
  }

  prepare<T = Row>(sql: string): Statement<T> {
    const isClean = leavesSessionClean(sql);
    return new Statement<T>(this, (work) => this.#lend(work, isClean), sql);
  }

  /**
   * Runs `work` in a transaction: committed when it resolves, rolled back when it rejects.
   */
  async transaction<T>(
    work: (tx: Queryable) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const { isolation, readOnly = false, ...query } = options;
    const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation}`;
    const lease = await this.#acquire();
    const { session } = lease;
    try {
      await runQuery(session, `BEGIN${level} READ ${readOnly ? 'ONLY' : 'WRITE'}`, [], query);
      const answer = await work(new Transaction(session));
      const ended = await runQuery(session, 'COMMIT', [], query);
      // COMMIT of a block in which a statement failed says ROLLBACK.
      if (ended.command !== 'COMMIT') {
        throw RustyError.ofSqlstate(
          '25P02',
          'the transaction was rolled back: a statement of it had failed',
        );
      }
      return answer;
    } finally {
      // An open block is rolled back by the pool; settings may have been changed in it.
      lease.release(false);
    }
  }

  /** Ends statements and, in the thread that opened it, makes a checkpoint. Idempotent. */
  async close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#pool.close();
      this.#driver.close();
    }
    if (this.#isOwner) await this.#engine.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #lend<T>(work: (session: Session) => T | Promise<T>, isClean: boolean): Promise<T> {
    if (this.#isClosed) return Promise.reject(closedError());
    try {
      return Promise.resolve(this.#pool.use(work, isClean));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #acquire(): Promise<Lease> {
    return this.#isClosed ? Promise.reject(closedError()) : this.#pool.acquire();
  }
}

const closedError = (): RustyError => RustyError.ofSqlstate('08003', 'the database is closed');

const BUFFER_POOL_BYTES = 64 * 1024 * 1024;

const sessionsOf = ({ maxSessions }: OpenOptions): number =>
  maxSessions ?? 4 * availableParallelism();

/**
 * Opens a data directory in this process, making it where there is none; `:memory:` keeps all in
 * memory. A directory that a server or another process has open is refused.
 *
 *     await using db = await open('./data');
 *     const { rows } = await db.query('SELECT $1::int + 1 AS two', [1]);
 */
export async function open(path: string, options: OpenOptions = {}): Promise<Database> {
  const maxSessions = sessionsOf(options);
  const engine = await Engine.open({
    path: path === ':memory:' ? path : resolve(path),
    bufferPoolBytes: options.bufferPoolBytes ?? BUFFER_POOL_BYTES,
    sync: options.sync ?? 'full',
    maxSessions: Math.max(1000, 2 * maxSessions),
  });
  SlotPool.configure(engine.handle, smallPoolOptions(maxSessions));
  return new Database(engine, true);
}

/**
 * Uses a database that another thread of this process has open, by its `handle`; that thread closes
 * it for all.
 */
export function openShared(handle: number): Database {
  return new Database(Engine.shared(handle), false);
}
