import type { RustyError } from '../errors/index.ts';
import type { TraceSpan } from '../monitoring/tracing.ts';
import type { Layout } from '../native/index.ts';

export type { Layout };

/** One statement and how its answer is wanted. */
export interface StatementRequest {
  /** One statement, parameters as `$1`. */
  readonly sql: string;
  /** What `keepText` gave for `sql`: cheaper to send than a text. */
  readonly text?: number;
  /** The text of a JSON array; none where it is absent. */
  readonly parameters?: string;
  /** In place of `parameters`: what `integersOf` gave. */
  readonly integers?: readonly number[];
  readonly layout: Layout;
  /** Numbers that a double cannot hold are strings: numeric, and bigint beyond 2^53. */
  readonly isExact?: boolean;
  /** Rows beyond this are left out; `truncated` then says so. */
  readonly maxRows?: number;
  readonly isReadOnly?: boolean;
  /** Of packed rows: the number of the shape whose names the reader knows. */
  readonly knownShape?: number;
  /** 0 or absent: as long as it takes. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** The request's span, where it is traced: waiting and running are parts of it. */
  readonly trace?: TraceSpan;
  /** What `COPY ... FROM STDIN` reads. */
  readonly input?: AsyncIterable<Uint8Array>;
}

/** A statement that is given no data to copy. */
export type WholeRequest = Omit<StatementRequest, 'input'>;

/** A notice of the engine, with PostgreSQL's fields. */
export interface Notice {
  readonly severity: string;
  readonly sqlstate: string;
  readonly message: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly context?: string;
  readonly column?: string;
}

/** How a statement ended that went well. */
export interface StatementEnd {
  readonly notices: readonly Notice[];
  /** Notices beyond those that are kept. */
  readonly noticesDropped: number;
  /** A transaction block is open. */
  readonly isInTransaction: boolean;
}

/**
 * Takes a piece of the answer. The bytes are lent until the call returns: what is kept is copied.
 * Where it answers a promise the statement pauses until that resolves. An error cancels the
 * statement, and the run rejects with it.
 */
export type TakeBytes = (bytes: Buffer) => void | Promise<void>;

/**
 * Reads a whole answer, the first `length` of `bytes`. They are lent until the call returns: what is
 * kept is copied.
 */
export type ReadAnswer<T> = (bytes: Buffer, length: number) => T;

/** One session of an engine: one statement at a time. */
export interface Session {
  readonly id: number;
  /** What `pg_stat_activity` calls it by. */
  readonly processId: number;
  /** True once it can no longer be used. */
  readonly isClosed: boolean;
  readonly isInTransaction: boolean;
  /** It has temporary tables, views or sequences, held cursors or channels, which end with it. */
  readonly hasTemporary: boolean;

  /**
   * Runs a statement; what it answers goes to `take`. An answer in JSON is an object that is left
   * open: the caller adds members and the last brace.
   *
   * A statement that waits for nothing and whose answer is one piece is done when the call returns,
   * which then gives its end, not a promise of it. Throws or rejects with a `RustyError`; nothing of
   * the statement has had an effect then.
   */
  run(request: StatementRequest, take: TakeBytes): StatementEnd | Promise<StatementEnd>;

  /**
   * As `run` for an answer that is wanted whole, notices left out. A statement that waits for nothing
   * is done when the call returns: the answer then is what `read` gave, not a promise of it, and what
   * goes wrong is thrown.
   */
  runWhole<T>(request: WholeRequest, read: ReadAnswer<T>): T | Promise<T>;

  /** Interrupts the statement that runs, which then rejects; nothing if none does. */
  cancel(reason?: RustyError): void;

  /** Rolls back and ends. Idempotent. */
  close(): void;
}

export interface ConnectOptions {
  readonly user: string;
  readonly database: string;
  /** What `pg_stat_activity` shows of the client. */
  readonly clientAddress: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** An engine as the services see it. */
export interface Driver {
  connect(options: ConnectOptions): Session;
  /** Counters and gauges by name. */
  statistics(): Readonly<Record<string, number>>;
  /** Lets go of what this thread has of the engine; open sessions are rolled back. */
  close(): void;
}
