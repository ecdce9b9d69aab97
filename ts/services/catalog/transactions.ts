import type { SessionPool } from '../../pool/index.ts';
import { type SqlPart, sql } from './sql-part.ts';
import type { Caller, StatementRunner } from './statement-runner.ts';

/** How a transaction begins, and whether what it did stays. */
export interface TransactionOptions {
  /** One snapshot for all of its statements, and no writes. */
  readonly isReadOnly?: boolean;
  /** It is undone at its end, as if it had failed. */
  readonly rollsBack?: boolean;
}

const begin = (isReadOnly: boolean): SqlPart =>
  isReadOnly ? sql`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY` : sql`BEGIN`;

/** Several statements that all have an effect, or none. */
export class Transactions {
  readonly #runner: StatementRunner;
  readonly #pool: SessionPool;

  constructor(runner: StatementRunner, pool: SessionPool) {
    this.#runner = runner;
    this.#pool = pool;
  }

  /** Runs `work` in a transaction, which ends with it; where it rejects nothing has happened. */
  async run<T>(
    { user, signal }: Caller,
    { isReadOnly = false, rollsBack = false }: TransactionOptions,
    work: (caller: Caller) => Promise<T>,
  ): Promise<T> {
    const lease = await this.#pool.acquire();
    const caller = { user, signal, session: lease.session };
    let isEnded = false;
    try {
      await this.#runner.answer(caller, begin(isReadOnly));
      const result = await work(caller);
      await this.#runner.answer(caller, rollsBack ? sql`ROLLBACK` : sql`COMMIT`);
      isEnded = true;
      return result;
    } finally {
      // The pool closes a session that is still in its transaction, which undoes it.
      lease.release(isEnded);
    }
  }
}
