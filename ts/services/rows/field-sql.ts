// Columns and the values that they are compared with, as SQL.
import { RustyError } from '../../errors/index.ts';
import { nearest } from '../../util/nearest.ts';
import type { Column, Relation } from '../catalog/relation.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';
import type { Level } from './resolve-query.ts';
import type { Field } from './row-query.ts';

/** The column of this name, or UNDEFINED_OBJECT with the one that is most alike. */
export function columnOf({ columns, name: table }: Relation, name: string): Column {
  const column = columns.find((one) => one.name === name);
  if (column !== undefined) return column;
  const alike = nearest(
    name,
    columns.map((one) => one.name),
  );
  throw RustyError.ofSqlstate('42703', `column "${name}" of relation "${table}" does not exist`, {
    ...(alike === undefined ? {} : { hint: `Perhaps you meant "${alike}".` }),
    details: { table, column: name },
  });
}

/** The column's type without a modifier. */
export function typeOf({ typeSchema, typeName }: Column): SqlPart {
  return sql.id(typeSchema, typeName);
}

export function castTo(value: unknown, type: SqlPart): SqlPart {
  return sql`CAST(${value} AS ${type})`;
}

/** The column, or the part of its JSON. */
export function fieldSql({ relation, alias }: Level, { name, path }: Field): SqlPart {
  const column = columnOf(relation, name);
  const isJson = column.typeName === 'json' || column.typeName === 'jsonb';
  let expression: SqlPart = sql.id(alias, name);
  // Arrays have parts too: `tags->>0`.
  if (path.length > 0 && !isJson) expression = sql`to_jsonb(${expression})`;
  for (const { key, asText } of path) {
    const step = typeof key === 'number' ? sql`CAST(${key} AS int)` : sql`CAST(${key} AS text)`;
    expression = asText ? sql`${expression} ->> ${step}` : sql`${expression} -> ${step}`;
  }
  return path.length === 0 ? expression : sql`(${expression})`;
}

/** The type of the values that a field is compared with. */
export function comparedType({ relation }: Level, { name, path }: Field): SqlPart {
  const last = path.at(-1);
  if (last === undefined) return typeOf(columnOf(relation, name));
  return last.asText ? sql`text` : sql`jsonb`;
}
