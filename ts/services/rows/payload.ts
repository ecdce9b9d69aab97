// Bodies of requests that write rows: which columns they have, and their values as text.
import { RustyError } from '../../errors/index.ts';
import { rawNumberOf } from '../../util/raw-number.ts';
import type { Column, Relation } from '../catalog/relation.ts';
import { arrayText, plainText } from '../catalog/value-text.ts';
import { columnOf } from './field-sql.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Rows that are written, by column. */
export interface Payload {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Every row has every column. */
  readonly isUniform: boolean;
}

const isRow = (value: unknown): value is Row =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  rawNumberOf(value) === undefined;

function wrong(what: string): RustyError {
  return RustyError.of('VALIDATION_ERROR', { what: `body: ${what}` });
}

/** The rows of a body: one object, or an array of them. */
export function rowsOf(body: unknown): readonly Row[] {
  const rows: readonly unknown[] = Array.isArray(body) ? body : [body];
  const bad = rows.findIndex((row) => !isRow(row));
  if (bad >= 0) {
    throw wrong(
      Array.isArray(body) ? `${bad}: expected an object` : 'expected an object or an array',
    );
  }
  return rows as readonly Row[];
}

/** The names of all rows, in the order in which they come first. */
function namesIn(rows: readonly Row[]): readonly string[] {
  const [first = {}, ...others] = rows;
  const names = Object.keys(first);
  for (const row of others) {
    for (const name of Object.keys(row)) if (!names.includes(name)) names.push(name);
  }
  return names;
}

/** `chosen` names the columns that count; what else the rows have is left out then. */
export function payloadOf(
  relation: Relation,
  rows: readonly Row[],
  chosen: readonly string[] | undefined,
): Payload {
  const names = chosen ?? namesIn(rows);
  const columns = names.map((name) => columnOf(relation, name));
  const isUniform = rows.every((row) => names.every((name) => Object.hasOwn(row, name)));
  return { columns, rows, isUniform };
}

const isJson = ({ typeName }: Column): boolean => typeName === 'json' || typeName === 'jsonb';

/** The value as the input text of the column's type. */
export function textOf(column: Column, value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (isJson(column)) return JSON.stringify(value);
  if (Array.isArray(value) && column.typeCategory === 'A') return arrayText(value);
  return plainText(value);
}
