// The key of a row as a path has it: its parts in the order of the primary key.
import { RustyError } from '../../errors/index.ts';
import type { Relation } from '../catalog/relation.ts';
import { type SqlPart, sql } from '../catalog/sql-part.ts';
import { castTo, columnOf, typeOf } from './field-sql.ts';
import type { Level } from './resolve-query.ts';

/** What stands at the end of a path, `1,eu`, each part percent-encoded. */
export function parseKey(text: string): readonly string[] {
  return text.split(',').map((part) => decodeURIComponent(part));
}

export function formatKey(values: readonly unknown[]): string {
  const parts = values.map((value) =>
    encodeURIComponent(typeof value === 'object' ? JSON.stringify(value) : String(value)),
  );
  return parts.join(',');
}

/** The key's columns; NOT_FOUND where the relation has none. */
export function keyColumns({ primaryKey, name }: Relation): readonly string[] {
  if (primaryKey.length > 0) return primaryKey;
  throw RustyError.of(
    'NOT_FOUND',
    { what: `a primary key of "${name}"` },
    { hint: `Its rows are found by filters: /tables/${name}/rows?column=eq.value.` },
  );
}

export function keyConditions(level: Level, key: readonly string[]): readonly SqlPart[] {
  const { relation, alias } = level;
  const columns = keyColumns(relation);
  if (key.length !== columns.length) {
    throw RustyError.of('VALIDATION_ERROR', {
      what: `path: pk: ${key.length} values; the key of "${relation.name}" is ${columns.join(', ')}`,
    });
  }
  return columns.map((name, at) => {
    const type = typeOf(columnOf(relation, name));
    return sql`${sql.id(alias, name)} = ${castTo(key[at], type)}`;
  });
}
