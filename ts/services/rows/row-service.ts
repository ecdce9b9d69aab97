import type { TakeBytes } from '../../engine/index.ts';
import type { SessionPool } from '../../pool/index.ts';
import type { RelationName } from '../catalog/relation.ts';
import type { RelationReader } from '../catalog/relation-reader.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';
import { type Caller, requestOf, type StatementRunner } from '../catalog/statement-runner.ts';
import { Transactions } from '../catalog/transactions.ts';
import type { QueryService } from '../query-service.ts';
import { conditionsOf } from './condition-sql.ts';
import { explain } from './explain.ts';
import { keyConditions } from './key.ts';
import { type Level, resolveQuery } from './resolve-query.ts';
import type { RowQuery } from './row-query.ts';
import { countSql, selectFrom, tableSql } from './select-sql.ts';

/** How many rows there are in all, and how that is found out. */
export type Count = 'exact' | 'planned' | 'estimated';

/** Estimates below this are counted after all. */
const ESTIMATE_MIN = 1000;

/** Where rows go: one JSON object a line, or CSV. */
export interface RowSink {
  readonly layout: 'ndjson' | 'csv';
  /** Told before the first row, where it was asked for. */
  total(total: number): void;
  readonly take: TakeBytes;
  /** Rows taken so far; of CSV it is not known. */
  readonly rows: number;
}

export interface RowRead {
  readonly target: RelationName;
  readonly query: RowQuery;
  /** The parts of the key in the path: one row. */
  readonly key?: readonly string[];
  readonly count?: Count;
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

  /** Reads rows into the sink. A count is of the snapshot of the rows. */
  async read(caller: Caller, read: RowRead, sink: RowSink): Promise<void> {
    const level = await this.#resolve(caller, read);
    const conditions = this.#conditions(level, read);
    const rows = selectFrom(level, tableSql(level), conditions);
    if (read.count === undefined) {
      await this.#stream(caller, rows, sink);
      return;
    }
    const { count } = read;
    await this.#transactions.run(caller, { isReadOnly: true }, async (inside) => {
      sink.total(await this.#total(inside, level, conditions, count));
      await this.#stream(inside, rows, sink);
    });
  }

  /** The plan of what `read` would do, with `isAnalyzed` after it was done. */
  async explain(caller: Caller, read: RowRead, isAnalyzed: boolean): Promise<unknown> {
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

  async #stream({ user, signal, session }: Caller, part: SqlPart, sink: RowSink): Promise<void> {
    const { queries } = this.#options;
    const request = requestOf(part, sink.layout, signal);
    if (session === undefined) await queries.run(user, request, sink.take);
    else await queries.runOn(session, user, request, sink.take);
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
