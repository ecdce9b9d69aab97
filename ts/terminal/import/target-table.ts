// The table that an import goes to: whether it is there, and what columns it has.

import { quoteIdentifier, quoteLiteral } from '../../util/quoting.ts';
import type { Session } from '../connection/session.ts';
import { foldName } from '../shell/slash-arguments.ts';
import { TransferError } from '../transfer/transfer-error.ts';
import type { InferredColumn } from './infer-columns.ts';

export interface TargetColumn {
  readonly name: string;
  readonly isArray: boolean;
}

export interface TargetTable {
  /** Quoted, with its schema where one was named. */
  readonly identifier: string;
  /** Undefined where the table is not there. */
  readonly columns: readonly TargetColumn[] | undefined;
}

/** `schema.table` as SQL reads it: folded to lower case outside of double quotes. */
export function tableIdentifier(name: string): string {
  const parts = name.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  if (parts.length === 0 || parts.length > 2)
    throw new TransferError(`no name of a table: ${name}`);
  return parts.map((part) => quoteIdentifier(foldName(part))).join('.');
}

/** Looks a table up. */
export async function findTable(session: Session, name: string): Promise<TargetTable> {
  const identifier = tableIdentifier(name);
  const { rows, error } = await session.rows(`SELECT a.attname, t.typcategory = 'A'
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = pg_catalog.to_regclass(${quoteLiteral(identifier)})::pg_catalog.oid
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY a.attnum`);
  if (error !== undefined) throw new TransferError(error.message ?? 'the catalog cannot be read');
  if (rows.length === 0) return { identifier, columns: undefined };
  const columns = rows.map(([column, isArray]) => ({
    name: column ?? '',
    isArray: isArray === 't',
  }));
  return { identifier, columns };
}

/** The statement that makes a table of columns. */
export function createTableText(identifier: string, columns: readonly InferredColumn[]): string {
  const lines = columns.map(({ name, type }) => `  ${quoteIdentifier(name)} ${type}`);
  return `CREATE TABLE ${identifier} (\n${lines.join(',\n')}\n)`;
}
