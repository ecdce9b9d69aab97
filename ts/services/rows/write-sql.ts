// Inserts, updates and deletes as SQL.
import { RustyError } from '../../errors/index.ts';
import type { Relation } from '../catalog/relation.ts';
import { allOf, commaList, type SqlPart, sql } from '../catalog/sql-part.ts';
import { castTo, columnOf, typeOf } from './field-sql.ts';
import { type Payload, type Row, textOf } from './payload.ts';
import type { Level } from './resolve-query.ts';
import { selectFrom, tableSql } from './select-sql.ts';

/** Beyond so many values, rows are sent as one array a column. */
const VALUES_MAX = 500;
/** What one statement may have of parameters. */
const PARAMETERS_MAX = 30_000;

/** What happens to a row whose key there is. */
export interface Conflict {
  readonly resolution: 'merge-duplicates' | 'ignore-duplicates';
  /** By these columns; the primary key where there are none. */
  readonly columns?: readonly string[];
}

export interface Insert {
  readonly relation: Relation;
  readonly payload: Payload;
  readonly conflict?: Conflict;
  /** What a row does not have becomes its default, else NULL. */
  readonly hasDefaults: boolean;
}

/** What a write gives back of each row. */
export type Returning = 'nothing' | 'key' | 'rows';

function conflictSql({ relation, payload, conflict }: Insert): SqlPart {
  if (conflict === undefined) return sql``;
  const columns = conflict.columns ?? relation.primaryKey;
  if (columns.length === 0) {
    if (conflict.resolution === 'ignore-duplicates') return sql` ON CONFLICT DO NOTHING`;
    throw RustyError.of('VALIDATION_ERROR', {
      what: `query: on_conflict: "${relation.name}" has no primary key, so it must be given`,
    });
  }
  const target = commaList(columns.map((name) => sql.id(columnOf(relation, name).name)));
  if (conflict.resolution === 'ignore-duplicates' || payload.columns.length === 0) {
    return sql` ON CONFLICT (${target}) DO NOTHING`;
  }
  const changes = payload.columns.map(
    ({ name }) => sql`${sql.id(name)} = EXCLUDED.${sql.id(name)}`,
  );
  return sql` ON CONFLICT (${target}) DO UPDATE SET ${commaList(changes)}`;
}

/** `VALUES` with a parameter for each value. */
function valuesSql({ payload, hasDefaults }: Insert, rows: readonly Row[]): SqlPart {
  const lines = rows.map((row) => {
    const values = payload.columns.map((column) =>
      hasDefaults && !Object.hasOwn(row, column.name)
        ? sql`DEFAULT`
        : castTo(textOf(column, row[column.name]), typeOf(column)),
    );
    return sql`(${commaList(values)})`;
  });
  return sql`VALUES ${commaList(lines)}`;
}

/** One array of texts for each column: the statement is the same for any number of rows. */
function arraysSql({ payload }: Insert, rows: readonly Row[]): SqlPart {
  const { columns } = payload;
  const place = (at: number) => sql.id(`c${at}`);
  const arrays = columns.map((column) =>
    castTo(
      rows.map((row) => textOf(column, row[column.name])),
      sql`text[]`,
    ),
  );
  const names = commaList(columns.map((_, at) => place(at)));
  const values = commaList(columns.map((column, at) => castTo(place(at), typeOf(column))));
  return sql`SELECT ${values} FROM unnest(${commaList(arrays)}) AS rows (${names})`;
}

/** The statements of an insert; several where one would have too many parameters. */
export function insertSql(insert: Insert): readonly SqlPart[] {
  const { relation, payload } = insert;
  const { columns, rows } = payload;
  const into = sql`INSERT INTO ${sql.id(relation.schema, relation.name)}`;
  if (columns.length === 0) {
    return rows.map(() => sql`${into} DEFAULT VALUES${conflictSql(insert)}`);
  }
  const names = commaList(columns.map(({ name }) => sql.id(name)));
  const needsValues = insert.hasDefaults && !payload.isUniform;
  const source = (some: readonly Row[]) =>
    needsValues || some.length * columns.length <= VALUES_MAX
      ? valuesSql(insert, some)
      : arraysSql(insert, some);
  const size = needsValues
    ? Math.max(1, Math.floor(PARAMETERS_MAX / columns.length))
    : Math.max(1, rows.length);
  const statements: SqlPart[] = [];
  for (let at = 0; at < rows.length; at += size) {
    const some = rows.slice(at, at + size);
    statements.push(sql`${into} (${names}) ${source(some)}${conflictSql(insert)}`);
  }
  return statements;
}

/** Sets the columns of one row's values in the rows that meet the conditions. */
export function updateSql(
  level: Level,
  { columns, rows }: Payload,
  conditions: readonly SqlPart[],
): SqlPart {
  const [row] = rows;
  if (row === undefined || rows.length > 1 || columns.length === 0) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: 'body: expected one object with the columns that change',
    });
  }
  const changes = columns.map((column) => {
    const value = castTo(textOf(column, row[column.name]), typeOf(column));
    return sql`${sql.id(column.name)} = ${value}`;
  });
  return sql`UPDATE ${tableSql(level)} SET ${commaList(changes)} WHERE ${allOf(conditions)}`;
}

export function deleteSql(level: Level, conditions: readonly SqlPart[]): SqlPart {
  return sql`DELETE FROM ${tableSql(level)} WHERE ${allOf(conditions)}`;
}

/** The write with what it gives back of its rows. */
export function returningSql(level: Level, write: SqlPart, returning: Returning): SqlPart {
  const { relation, alias } = level;
  if (returning === 'nothing') return write;
  if (returning === 'key') {
    return sql`${write} RETURNING ${commaList(relation.primaryKey.map((name) => sql.id(name)))}`;
  }
  const columns = commaList(relation.columns.map(({ name }) => sql.id(name)));
  const written = sql.id(`${alias}w`);
  const source = sql`${written} AS ${sql.id(alias)}`;
  return sql`WITH ${written} AS (${write} RETURNING ${columns}) ${selectFrom(level, source, [])}`;
}
