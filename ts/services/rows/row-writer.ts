import { RustyError } from '../../errors/index.ts';
import type { SessionPool } from '../../pool/index.ts';
import type { RelationName } from '../catalog/relation.ts';
import type { RelationReader } from '../catalog/relation-reader.ts';
import type { SqlPart } from '../catalog/sql-part.ts';
import type { Caller, StatementRunner } from '../catalog/statement-runner.ts';
import { Transactions } from '../catalog/transactions.ts';
import type { QueryService } from '../query-service.ts';
import { conditionsOf } from './condition-sql.ts';
import { explain } from './explain.ts';
import { formatKey, keyConditions } from './key.ts';
import { payloadOf, rowsOf } from './payload.ts';
import { type Level, resolveQuery } from './resolve-query.ts';
import type { RowQuery } from './row-query.ts';
import { type RowSink, streamRows } from './row-sink.ts';
import {
  type Conflict,
  deleteSql,
  insertSql,
  type Returning,
  returningSql,
  updateSql,
} from './write-sql.ts';

export type WriteKind = 'insert' | 'update' | 'delete';

export interface RowWrite {
  readonly kind: WriteKind;
  readonly target: RelationName;
  readonly query: RowQuery;
  /** The parts of the key in the path: one row. */
  readonly key?: readonly string[];
  /** As it came; of a delete there is none. */
  readonly body?: unknown;
  readonly resolution?: Conflict['resolution'];
  /** What a row does not have becomes its default. */
  readonly hasDefaults: boolean;
  /** It is undone where it is about more rows. */
  readonly maxAffected?: number;
  /** It is undone, whatever comes of it. */
  readonly rollsBack: boolean;
  readonly returning: Returning;
}

/** What a write came to. */
export interface Written {
  readonly rows: number;
  /** The key of the one row that was inserted, as a path has it. */
  readonly key?: string;
}

export interface RowWriterOptions {
  readonly queries: QueryService;
  readonly pool: SessionPool;
  readonly runner: StatementRunner;
  readonly reader: RelationReader;
}

const tooMany = (most: number): RustyError =>
  RustyError.of('VALIDATION_ERROR', {
    what: `Prefer: max-affected=${most}, and more rows are affected`,
  });

/** Writes rows of tables, by filters instead of SQL; a request is done as a whole or not at all. */
export class RowWriter {
  readonly #options: RowWriterOptions;
  readonly #transactions: Transactions;

  constructor(options: RowWriterOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.runner, options.pool);
  }

  /** Writes; the rows go to the sink where `returning` asks for them. */
  async write(caller: Caller, write: RowWrite, sink: RowSink): Promise<Written> {
    const { reader } = this.#options;
    const relation = await reader.relation(caller, write.target);
    const level = await resolveQuery(reader, caller, relation, write.query);
    const statements = this.#statements(level, write).map((part) =>
      returningSql(level, part, this.#returningOf(level, write)),
    );
    const { rollsBack, maxAffected, returning } = write;
    if (maxAffected !== undefined && returning === 'rows' && sink.layout !== 'objects') {
      throw RustyError.of('NOT_IMPLEMENTED', { what: `max-affected with rows as ${sink.layout}` });
    }
    if (statements.length === 1 && !rollsBack && maxAffected === undefined) {
      return this.#run(caller, level, write, statements, sink);
    }
    return this.#transactions.run(caller, { rollsBack }, async (inside) => {
      const written = await this.#run(inside, level, write, statements, sink);
      if (maxAffected !== undefined && written.rows > maxAffected) throw tooMany(maxAffected);
      return written;
    });
  }

  /** The plan; with `isAnalyzed` what was asked for is done, and measured. */
  async explain(caller: Caller, write: RowWrite, isAnalyzed: boolean): Promise<unknown> {
    const { reader, runner } = this.#options;
    const relation = await reader.relation(caller, write.target);
    const level = await resolveQuery(reader, caller, relation, write.query);
    const [first, ...others] = this.#statements(level, write);
    if (first === undefined || others.length > 0) {
      throw RustyError.of('VALIDATION_ERROR', {
        what: `Prefer: explain: ${first === undefined ? 'no rows' : 'too many rows'}`,
      });
    }
    const statement = returningSql(level, first, this.#returningOf(level, write));
    return this.#transactions.run(caller, { rollsBack: write.rollsBack }, (inside) =>
      explain(runner, inside, statement, isAnalyzed),
    );
  }

  #returningOf({ relation }: Level, { returning }: RowWrite): Returning {
    return returning === 'key' && relation.primaryKey.length === 0 ? 'nothing' : returning;
  }

  #statements(level: Level, write: RowWrite): readonly SqlPart[] {
    const { kind, key, query, body, hasDefaults, resolution } = write;
    if (query.limit !== undefined || query.offset !== undefined || query.order.length > 0) {
      throw RustyError.of('NOT_IMPLEMENTED', { what: 'order, limit and offset of a write' });
    }
    const conditions = [
      ...(key === undefined ? [] : keyConditions(level, key)),
      ...conditionsOf(level),
    ];
    if (kind === 'delete') return [deleteSql(level, conditions)];
    const payload = payloadOf(level.relation, rowsOf(body), query.columns);
    if (kind === 'update') return [updateSql(level, payload, conditions)];
    const { onConflict } = query;
    const conflict: Conflict | undefined =
      resolution === undefined
        ? undefined
        : { resolution, ...(onConflict === undefined ? {} : { columns: onConflict }) };
    return insertSql({
      relation: level.relation,
      payload,
      hasDefaults,
      ...(conflict === undefined ? {} : { conflict }),
    });
  }

  async #run(
    caller: Caller,
    level: Level,
    write: RowWrite,
    statements: readonly SqlPart[],
    sink: RowSink,
  ): Promise<Written> {
    const { queries, runner } = this.#options;
    let rows = 0;
    let key: string | undefined;
    for (const statement of statements) {
      if (write.returning === 'rows') {
        await streamRows(queries, caller, statement, sink);
        rows = sink.rows ?? 0;
        continue;
      }
      const answer = await runner.answer<Readonly<Record<string, unknown>>>(caller, statement);
      rows += answer.rowCount;
      const [row] = answer.rows;
      if (row !== undefined) key = formatKey(level.relation.primaryKey.map((name) => row[name]));
    }
    return { rows, ...(key === undefined || rows !== 1 ? {} : { key }) };
  }
}
