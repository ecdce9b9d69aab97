// What stands below the columns of a relation: indexes, constraints, references, definitions.
import type { Shell } from '../shell/shell.ts';
import type { Relation } from './relation.ts';

/** A heading with its lines, or nothing where there are none. */
function section(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${heading}:`, ...lines.map((line) => `    ${line}`)];
}

interface IndexFlags {
  readonly isPrimary: boolean;
  readonly isUnique: boolean;
  readonly isClustered: boolean;
  readonly isInvalid: boolean;
  readonly isDeferrable: boolean;
  readonly isDeferred: boolean;
}

function trailing({ isDeferrable, isDeferred, isClustered, isInvalid }: IndexFlags): string {
  return [
    isDeferrable ? ' DEFERRABLE' : '',
    isDeferred ? ' INITIALLY DEFERRED' : '',
    isClustered ? ' CLUSTER' : '',
    isInvalid ? ' INVALID' : '',
  ].join('');
}

const INDEXES = (
  oid: string,
): string => `SELECT c2.relname, i.indisprimary, i.indisunique, i.indisclustered,
  NOT i.indisvalid, con.contype, con.condeferrable, con.condeferred,
  pg_catalog.pg_get_indexdef(i.indexrelid, 0, true), pg_catalog.pg_get_constraintdef(con.oid, true)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c2 ON c2.oid = i.indexrelid
LEFT JOIN pg_catalog.pg_constraint con
  ON con.conrelid = i.indrelid AND con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x')
WHERE i.indrelid = '${oid}'
ORDER BY i.indisprimary DESC, c2.relname`;

async function indexLines(shell: Shell, { oid }: Relation): Promise<string[]> {
  const rows = (await shell.query(INDEXES(oid))) ?? [];
  return rows.map((row) => {
    const [name, primary, unique, clustered, invalid, type, deferrable, deferred] = row;
    const definition = row[8] ?? '';
    const flags: IndexFlags = {
      isPrimary: primary === 't',
      isUnique: unique === 't',
      isClustered: clustered === 't',
      isInvalid: invalid === 't',
      isDeferrable: deferrable === 't',
      isDeferred: deferred === 't',
    };
    if (type === 'x') return `"${name}" ${row[9] ?? ''}${trailing(flags)}`;
    const kind = flags.isPrimary
      ? 'PRIMARY KEY, '
      : flags.isUnique
        ? `UNIQUE${type === 'u' ? ' CONSTRAINT' : ''}, `
        : '';
    const using = definition.indexOf(' USING ');
    const what = using === -1 ? definition : definition.slice(using + ' USING '.length);
    return `"${name}" ${kind}${what}${trailing(flags)}`;
  });
}

async function constraintLines(shell: Shell, oid: string, type: string): Promise<string[]> {
  const rows = await shell.query(`SELECT c.conname, pg_catalog.pg_get_constraintdef(c.oid, true)
FROM pg_catalog.pg_constraint c
WHERE c.conrelid = '${oid}' AND c.contype = '${type}'
ORDER BY 1`);
  return (rows ?? []).map(([name, definition]) => `"${name}" ${definition}`);
}

/** Indexes, checks, foreign keys of a table, and the foreign keys of others that refer to it. */
export async function constraintFooters(shell: Shell, relation: Relation): Promise<string[]> {
  const { oid } = relation;
  const references = await shell.query(`SELECT c.conname, c.conrelid::pg_catalog.regclass,
  pg_catalog.pg_get_constraintdef(c.oid, true)
FROM pg_catalog.pg_constraint c
WHERE c.confrelid = '${oid}' AND c.contype = 'f'
ORDER BY 1`);
  const triggers = await shell.query(`SELECT t.tgname, pg_catalog.pg_get_triggerdef(t.oid, true)
FROM pg_catalog.pg_trigger t
WHERE t.tgrelid = '${oid}' AND NOT t.tgisinternal
ORDER BY 1`);
  return [
    ...section('Indexes', await indexLines(shell, relation)),
    ...section('Check constraints', await constraintLines(shell, oid, 'c')),
    ...section('Foreign-key constraints', await constraintLines(shell, oid, 'f')),
    ...section(
      'Referenced by',
      (references ?? []).map(
        ([name, table, definition]) => `TABLE "${table}" CONSTRAINT "${name}" ${definition}`,
      ),
    ),
    ...section(
      'Triggers',
      (triggers ?? []).map(([, definition]) => (definition ?? '').replace(/^.*? TRIGGER /, '')),
    ),
  ];
}

/** Of an index: what it is, and of which table. */
export async function indexFooters(shell: Shell, { oid }: Relation): Promise<string[]> {
  const rows =
    await shell.query(`SELECT i.indisunique, i.indisprimary, i.indisvalid, am.amname, n.nspname, t.relname,
  pg_catalog.pg_get_expr(i.indpred, i.indrelid, true)
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_am am ON am.oid = c.relam
WHERE i.indexrelid = '${oid}'`);
  return (rows ?? []).map(([unique, primary, valid, method, schema, table, predicate]) => {
    const kind = primary === 't' ? 'primary key, ' : unique === 't' ? 'unique, ' : '';
    const where = predicate ? `, predicate (${predicate})` : '';
    const invalid = valid === 't' ? '' : ', invalid';
    return `${kind}${method}, for table "${schema}.${table}"${where}${invalid}`;
  });
}

export async function viewFooters(shell: Shell, { oid }: Relation): Promise<string[]> {
  const rows = await shell.query(
    `SELECT pg_catalog.pg_get_viewdef('${oid}'::pg_catalog.oid, true)`,
  );
  const definition = rows?.[0]?.[0];
  return definition ? ['View definition:', definition] : [];
}
