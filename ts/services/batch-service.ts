import { Collector, encodeParameters, type Session } from '../engine/index.ts';
import { RustyError } from '../errors/index.ts';
import { leavesSessionClean, type SessionPool } from '../pool/index.ts';
import type { QueryService } from './query-service.ts';

/** What the answers of one batch may have together. */
const ANSWERS_MAX_BYTES = 64 * 1024 * 1024;

export interface BatchStatement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

/** A statement's answer as JSON text, or why it has none. */
export type BatchResult = string | RustyError;

export interface BatchServiceOptions {
  readonly queries: QueryService;
  readonly pool: SessionPool;
  readonly maxStatements: number;
}

/** Several statements in one request. */
export class BatchService {
  readonly #options: BatchServiceOptions;

  constructor(options: BatchServiceOptions) {
    this.#options = options;
  }

  /**
   * Runs the statements in their order. Atomic: in one transaction, and the first that fails rejects
   * the batch with its error, `details.statement` being its number from 0. Else each stands for
   * itself and has a result or an error.
   */
  async run(
    user: string,
    statements: readonly BatchStatement[],
    isAtomic: boolean,
    signal: AbortSignal,
  ): Promise<readonly BatchResult[]> {
    const { maxStatements, pool } = this.#options;
    if (statements.length > maxStatements) {
      throw RustyError.of('VALIDATION_ERROR', {
        what: `statements: ${statements.length} of them; allowed are ${maxStatements}`,
      });
    }
    const lease = await pool.acquire();
    const isClean = statements.every(({ sql }) => leavesSessionClean(sql));
    try {
      const run = isAtomic ? this.#atomic : this.#each;
      return await run.call(this, lease.session, user, statements, signal);
    } finally {
      lease.release(isClean);
    }
  }

  async #atomic(
    session: Session,
    user: string,
    statements: readonly BatchStatement[],
    signal: AbortSignal,
  ): Promise<readonly BatchResult[]> {
    const results: string[] = [];
    const room = { bytes: ANSWERS_MAX_BYTES };
    await this.#one(session, user, { sql: 'BEGIN', params: [] }, signal, room);
    for (const [at, statement] of statements.entries()) {
      try {
        results.push(await this.#one(session, user, statement, signal, room));
      } catch (error) {
        if (!(error instanceof RustyError)) throw error;
        throw error.with({ details: { ...error.details, statement: at } });
      }
      if (!session.isInTransaction) {
        throw RustyError.of('TRANSACTION_STATE', {
          what: `statement ${at} of an atomic batch ended its transaction`,
        });
      }
    }
    await this.#one(session, user, { sql: 'COMMIT', params: [] }, signal, room);
    return results;
  }

  async #each(
    session: Session,
    user: string,
    statements: readonly BatchStatement[],
    signal: AbortSignal,
  ): Promise<readonly BatchResult[]> {
    const results: BatchResult[] = [];
    const room = { bytes: ANSWERS_MAX_BYTES };
    for (const statement of statements) {
      try {
        results.push(await this.#one(session, user, statement, signal, room));
      } catch (error) {
        if (!(error instanceof RustyError) || session.isClosed) throw error;
        results.push(error);
      }
    }
    return results;
  }

  async #one(
    session: Session,
    user: string,
    { sql, params }: BatchStatement,
    signal: AbortSignal,
    room: { bytes: number },
  ): Promise<string> {
    const collector = new Collector(room.bytes);
    const request = {
      sql,
      parameters: encodeParameters(params),
      layout: 'objects',
      signal,
    } as const;
    const { queries } = this.#options;
    const end = await queries.runOn(session, user, request, collector.take);
    const text = collector.text();
    room.bytes -= text.length;
    return `${text},"executionTimeMs":${end.executionTimeMs}}`;
  }
}
