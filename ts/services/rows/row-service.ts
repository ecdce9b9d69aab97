import type { SessionPool } from '../../pool/index.ts';
import type { RelationName } from '../catalog/relation.ts';
import type { RelationReader } from '../catalog/relation-reader.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';
import type { Caller, StatementRunner } from '../catalog/statement-runner.ts';
import { Transactions } from '../catalog/transactions.ts';
import type { QueryService } from '../query-service.ts';
import { conditionsOf } from './condition-sql.ts';
import { explain } from './explain.ts';
import { keyConditions } from './key.ts';
import { type Level, resolveQuery } from './resolve-query.ts';
import type { RowQuery } from './row-query.ts';
import { type RowSink, streamRows } from './row-sink.ts';
import { countSql, selectFrom, tableSql } from './select-sql.ts';

/** How many rows there are in all, and how that is found out. */
export type Count = 'exact' | 'planned' | 'estimated';

/** Estimates below this are counted after all. */
const ESTIMATE_MIN = 1000;

export interface RowRead {
  readonly target: RelationName;
  readonly query: RowQuery;
  /** The parts of the key in the path: one row. */
  readonly key?: readonly string[];
  readonly count?: Count;
  /** Nobody takes the rows: where they are counted, they are not read. */
  readonly isCountOnly?: boolean;
}

export interface RowServiceOptions {
  readonly queries: QueryService;
  readonly pool: SessionPool;
  readonly runner: StatementRunner;
  readonly reader: RelationReader;
}

/** Rows of tables and views, by filters instead of SQL. */
export class RowService {
  readonly #options: RowServiceOptions;
  readonly #transactions: Transactions;

  constructor(options: RowServiceOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.runner, options.pool);
  }

  /** Reads rows into the sink, and writes nothing. A count is of the snapshot of the rows. */
  async read(by: Caller, read: RowRead, sink: RowSink): Promise<void> {
    const caller = { ...by, isReadOnly: true };
    const { queries } = this.#options;
    const level = await this.#resolve(caller, read);
    const conditions = this.#conditions(level, read);
    const rows = selectFrom(level, tableSql(level), conditions);
    if (read.count === undefined) {
      await streamRows(queries, caller, rows, sink);
      return;
    }
    const { count } = read;
    await this.#transactions.run(caller, { isReadOnly: true }, async (inside) => {
      sink.total(await this.#total(inside, level, conditions, count));
      if (read.isCountOnly !== true) await streamRows(queries, inside, rows, sink);
    });
  }

  /** The plan of what `read` would do, with `isAnalyzed` after it was done. */
  async explain(by: Caller, read: RowRead, isAnalyzed: boolean): Promise<unknown> {
    const caller = { ...by, isReadOnly: true };
    const level = await this.#resolve(caller, read);
    const rows = selectFrom(level, tableSql(level), this.#conditions(level, read));
    return explain(this.#options.runner, caller, rows, isAnalyzed);
  }

  async #resolve(caller: Caller, { target, query }: RowRead): Promise<Level> {
    const { reader } = this.#options;
    return resolveQuery(reader, caller, await reader.relation(caller, target), query);
  }

  #conditions(level: Level, { key }: RowRead): readonly SqlPart[] {
    const conditions = conditionsOf(level);
    return key === undefined ? conditions : [...keyConditions(level, key), ...conditions];
  }

  async #total(
    caller: Caller,
    level: Level,
    conditions: readonly SqlPart[],
    count: Count,
  ): Promise<number> {
    if (count !== 'exact') {
      const rows = sql`SELECT 1 FROM ${tableSql(level)} WHERE ${sql.join([sql`true`, ...conditions], sql` AND `)}`;
      const [plan] = await explain(this.#options.runner, caller, rows, false);
      const planned = plan?.Plan?.['Plan Rows'] ?? 0;
      if (count === 'planned' || planned >= ESTIMATE_MIN) return planned;
    }
    const { runner } = this.#options;
    const [row] = await runner.rows<{ readonly total: number }>(
      caller,
      countSql(level, conditions),
    );
    return row?.total ?? 0;
  }
}
