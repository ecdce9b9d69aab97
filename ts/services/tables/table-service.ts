import type { SessionPool } from '../../pool/index.ts';
import type { CatalogService } from '../catalog/catalog-service.ts';
import type { DroppedKind } from '../catalog/object-kinds.ts';
import type { RelationName } from '../catalog/relation.ts';
import { commaList, idOf, type SqlPart, sql } from '../catalog/sql-part.ts';
import type { Caller, StatementRunner } from '../catalog/statement-runner.ts';
import { Transactions } from '../catalog/transactions.ts';
import type {
  DropOptions,
  MaterializedViewDefinition,
  NewIndex,
  SequenceDefinition,
  TableChange,
  TableDefinition,
  ViewDefinition,
} from './definitions.ts';
import { expressionSql } from './sql-expression.ts';
import {
  changeTableSql,
  createIndexSql,
  createTableSql,
  dropSql,
  nameList,
  typeSql,
} from './table-sql.ts';

const WORDS: Readonly<Record<DroppedKind, SqlPart>> = {
  schema: sql`SCHEMA`,
  table: sql`TABLE`,
  view: sql`VIEW`,
  'materialized view': sql`MATERIALIZED VIEW`,
  index: sql`INDEX`,
  sequence: sql`SEQUENCE`,
};

export interface TableServiceOptions {
  readonly runner: StatementRunner;
  readonly pool: SessionPool;
  readonly catalog: CatalogService;
}

/** Makes, changes and drops tables and the other objects of schemas. */
export class TableService {
  readonly #options: TableServiceOptions;
  readonly #transactions: Transactions;

  constructor(options: TableServiceOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.runner, options.pool);
  }

  /** Makes the table and its indexes, or nothing. */
  createTable(caller: Caller, table: TableDefinition): Promise<void> {
    return this.#all(caller, [
      createTableSql(table),
      ...table.indexes.map((index) => createIndexSql(table, index)),
    ]);
  }

  /** Does all of the change, or nothing. */
  async changeTable(caller: Caller, table: RelationName, change: TableChange): Promise<void> {
    await this.#options.catalog.get(caller, 'table', table);
    await this.#all(caller, changeTableSql(table, change));
  }

  createSchema(caller: Caller, name: string): Promise<void> {
    return this.#all(caller, [sql`CREATE SCHEMA ${idOf(name)}`]);
  }

  createView(caller: Caller, view: ViewDefinition): Promise<void> {
    const word = view.replace === true ? sql`OR REPLACE VIEW` : sql`VIEW`;
    const columns = view.columns === undefined ? sql`` : sql` (${nameList(view.columns)})`;
    const query = expressionSql('query', view.query);
    const name = idOf(view.schema, view.name);
    return this.#all(caller, [sql`CREATE ${word} ${name}${columns} AS ${query}`]);
  }

  createMaterializedView(caller: Caller, view: MaterializedViewDefinition): Promise<void> {
    const columns = view.columns === undefined ? sql`` : sql` (${nameList(view.columns)})`;
    const query = expressionSql('query', view.query);
    const data = view.withData === false ? sql` WITH NO DATA` : sql``;
    const name = idOf(view.schema, view.name);
    return this.#all(caller, [sql`CREATE MATERIALIZED VIEW ${name}${columns} AS ${query}${data}`]);
  }

  /** Runs the query of the view again and keeps its rows instead of those there are. */
  async refreshMaterializedView(caller: Caller, name: RelationName): Promise<void> {
    await this.#options.catalog.get(caller, 'materialized view', name);
    await this.#all(caller, [sql`REFRESH MATERIALIZED VIEW ${idOf(name.schema, name.name)}`]);
  }

  createIndex(caller: Caller, index: NewIndex): Promise<void> {
    const { schema, table, method } = index;
    return this.#all(caller, [createIndexSql({ schema, name: table }, index, method)]);
  }

  createSequence(caller: Caller, sequence: SequenceDefinition): Promise<void> {
    const { type, start, increment, min, max, cache, cycle } = sequence;
    const parts = [
      type === undefined ? undefined : sql` AS ${typeSql('type', type)}`,
      increment === undefined ? undefined : sql` INCREMENT BY ${sql.lit(increment)}`,
      min === undefined ? undefined : sql` MINVALUE ${sql.lit(min)}`,
      max === undefined ? undefined : sql` MAXVALUE ${sql.lit(max)}`,
      start === undefined ? undefined : sql` START WITH ${sql.lit(start)}`,
      cache === undefined ? undefined : sql` CACHE ${sql.lit(cache)}`,
      cycle === true ? sql` CYCLE` : undefined,
    ].filter((part) => part !== undefined);
    const options = parts.length === 0 ? sql`` : sql.join(parts, sql``);
    const name = idOf(sequence.schema, sequence.name);
    return this.#all(caller, [sql`CREATE SEQUENCE ${name}${options}`]);
  }

  /** NOT_FOUND where it is not there, and need be. */
  async drop(
    caller: Caller,
    kind: DroppedKind,
    name: RelationName,
    options: DropOptions,
  ): Promise<void> {
    const { catalog } = this.#options;
    if (!options.ifExists) await catalog.get(caller, kind, name);
    const target = kind === 'schema' ? idOf(name.name) : idOf(name.schema, name.name);
    await this.#all(caller, [dropSql(WORDS[kind], commaList([target]), options)]);
  }

  async #all(caller: Caller, statements: readonly SqlPart[]): Promise<void> {
    const { runner } = this.#options;
    const [first] = statements;
    if (statements.length === 1 && first !== undefined) {
      await runner.answer(caller, first);
      return;
    }
    await this.#transactions.run(caller, {}, async (inside) => {
      for (const statement of statements) await runner.answer(inside, statement);
    });
  }
}
