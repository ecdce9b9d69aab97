// The lists of `\dt` and its like: what a query of the catalog gives, under the titles of psql.
import { failed, type MetaCall, type MetaResult } from '../meta/meta-command.ts';
import { patternCondition } from './name-pattern.ts';
import { printList } from './print-list.ts';

/** A list as one query. */
interface ListQuery {
  readonly title: string;
  readonly headers: readonly string[];
  readonly text: string;
  readonly rightAligned?: readonly string[];
}

async function show(
  call: MetaCall,
  { title, headers, text, rightAligned }: ListQuery,
): Promise<MetaResult> {
  const rows = await call.shell.query(text);
  if (rows === undefined) return 'failed';
  await printList(call.shell, { title, headers, rows, rightAligned: rightAligned ?? [] });
  return 'done';
}

const SYSTEM_SCHEMAS = `n.nspname !~ '^pg_toast' AND n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'`;

const KINDS: Readonly<Record<string, readonly string[]>> = {
  t: ['r', 'p'],
  i: ['i', 'I'],
  v: ['v'],
  m: ['m'],
  s: ['S'],
  E: ['f'],
};

const KIND_NAME = `CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
    WHEN 'i' THEN 'index' WHEN 'S' THEN 'sequence' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table'
    WHEN 'p' THEN 'partitioned table' WHEN 'I' THEN 'partitioned index' END`;

const PERSISTENCE = `CASE c.relpersistence WHEN 'p' THEN 'permanent' WHEN 't' THEN 'temporary' WHEN 'u' THEN 'unlogged' END`;

/** `\dt`, `\di`, `\ds`, `\dv`, `\dm`, and `\d` alone; letters may be put together: `\dtv`. */
export async function listRelations(call: MetaCall, letters: string): Promise<MetaResult> {
  const { shell, args, name } = call;
  const pattern = args.next();
  const isVerbose = name.includes('+');
  const hasIndexes = letters.includes('i');
  const kinds = [...letters].flatMap((letter) => KINDS[letter] ?? []);
  const withSystem = name.includes('S') || pattern !== undefined;
  const columns: (readonly [string, string])[] = [
    ['Schema', 'n.nspname'],
    ['Name', 'c.relname'],
    ['Type', KIND_NAME],
    ['Owner', 'pg_catalog.pg_get_userbyid(c.relowner)'],
    ...(hasIndexes ? [['Table', 't.relname'] as const] : []),
  ];
  if (isVerbose) {
    columns.push(['Persistence', PERSISTENCE]);
    // Sequences and views have none.
    if (/[tmi]/.test(letters)) columns.push(['Access method', 'am.amname']);
    columns.push(
      ['Size', 'pg_catalog.pg_size_pretty(pg_catalog.pg_table_size(c.oid))'],
      ['Description', "pg_catalog.obj_description(c.oid, 'pg_class')"],
    );
  }
  const condition = patternCondition(pattern, {
    schema: 'n.nspname',
    name: 'c.relname',
    visible: 'pg_catalog.pg_table_is_visible(c.oid)',
  });
  const indexJoin = hasIndexes
    ? `LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid`
    : '';
  const methodJoin = isVerbose ? 'LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam' : '';
  const rows = await shell.query(`SELECT ${columns.map(([, text]) => text).join(', ')}
FROM pg_catalog.pg_class c
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
${indexJoin}
${methodJoin}
WHERE c.relkind IN (${kinds.map((kind) => `'${kind}'`).join(', ')})
  AND ${withSystem ? 'true' : SYSTEM_SCHEMAS}
  AND ${condition}
ORDER BY 1, 2`);
  if (rows === undefined) return 'failed';
  if (rows.length === 0 && !shell.isQuiet) {
    const what = pattern === undefined ? 'any relations' : `any relation named "${pattern}"`;
    failed(shell, `Did not find ${what}.`);
    return 'done';
  }
  await printList(shell, {
    title: 'List of relations',
    headers: columns.map(([header]) => header),
    rows,
  });
  return 'done';
}

export function listSchemas(call: MetaCall): Promise<MetaResult> {
  const pattern = call.args.next();
  const isVerbose = call.name.includes('+');
  const withSystem = call.name.includes('S') || pattern !== undefined;
  const more = isVerbose
    ? `, pg_catalog.array_to_string(n.nspacl, E'\\n'), pg_catalog.obj_description(n.oid, 'pg_namespace')`
    : '';
  const own = withSystem ? 'true' : "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
  return show(call, {
    title: 'List of schemas',
    headers: ['Name', 'Owner', ...(isVerbose ? ['Access privileges', 'Description'] : [])],
    text: `SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner)${more}
FROM pg_catalog.pg_namespace n
WHERE ${own} AND ${patternCondition(pattern, { name: 'n.nspname' })}
ORDER BY 1`,
  });
}

export function listFunctions(call: MetaCall): Promise<MetaResult> {
  const pattern = call.args.next();
  const withSystem = call.name.includes('S') || pattern !== undefined;
  const condition = patternCondition(pattern, {
    schema: 'n.nspname',
    name: 'p.proname',
    visible: 'pg_catalog.pg_function_is_visible(p.oid)',
  });
  const own = withSystem
    ? 'true'
    : "n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'";
  return show(call, {
    title: 'List of functions',
    headers: ['Schema', 'Name', 'Result data type', 'Argument data types', 'Type'],
    text: `SELECT n.nspname, p.proname, pg_catalog.pg_get_function_result(p.oid),
  pg_catalog.pg_get_function_arguments(p.oid),
  CASE p.prokind WHEN 'a' THEN 'agg' WHEN 'w' THEN 'window' WHEN 'p' THEN 'proc' ELSE 'func' END
FROM pg_catalog.pg_proc p
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE ${own} AND ${condition}
ORDER BY 1, 2, 4`,
  });
}

export function listTypes(call: MetaCall): Promise<MetaResult> {
  const pattern = call.args.next();
  const withSystem = call.name.includes('S') || pattern !== undefined;
  const condition = patternCondition(pattern, {
    schema: 'n.nspname',
    name: 't.typname',
    visible: 'pg_catalog.pg_type_is_visible(t.oid)',
  });
  const own = withSystem
    ? 'true'
    : "n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema'";
  return show(call, {
    title: 'List of data types',
    headers: ['Schema', 'Name', 'Description'],
    text: `SELECT n.nspname, pg_catalog.format_type(t.oid, NULL), pg_catalog.obj_description(t.oid, 'pg_type')
FROM pg_catalog.pg_type t
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE (t.typrelid = 0 OR (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid))
  AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type el WHERE el.oid = t.typelem AND el.typarray = t.oid)
  AND ${own} AND ${condition}
ORDER BY 1, 2`,
  });
}

/** `\l` */
export function listDatabases(call: MetaCall): Promise<MetaResult> {
  const pattern = call.args.next();
  return show(call, {
    title: 'List of databases',
    headers: [
      'Name',
      'Owner',
      'Encoding',
      'Collate',
      'Ctype',
      'ICU Locale',
      'Locale Provider',
      'Access privileges',
    ],
    text: `SELECT d.datname, pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_encoding_to_char(d.encoding),
  d.datcollate, d.datctype, d.daticulocale,
  CASE d.datlocprovider WHEN 'c' THEN 'libc' WHEN 'i' THEN 'icu' END,
  pg_catalog.array_to_string(d.datacl, E'\\n')
FROM pg_catalog.pg_database d
WHERE ${patternCondition(pattern, { name: 'd.datname' })}
ORDER BY 1`,
  });
}

const ATTRIBUTES = [
  ['r.rolsuper', 'Superuser'],
  ['NOT r.rolinherit', 'No inheritance'],
  ['r.rolcreaterole', 'Create role'],
  ['r.rolcreatedb', 'Create DB'],
  ['NOT r.rolcanlogin', 'Cannot login'],
  ['r.rolreplication', 'Replication'],
  ['r.rolbypassrls', 'Bypass RLS'],
] as const;

/** `\du`: roles, what they may, and which others they are members of. */
export async function listRoles(call: MetaCall): Promise<MetaResult> {
  const { shell, args, name } = call;
  const pattern = args.next();
  const own = name.includes('S') || pattern !== undefined ? 'true' : "r.rolname !~ '^pg_'";
  const rows = await shell.query(`SELECT r.rolname, r.rolconnlimit,
  ${ATTRIBUTES.map(([expression]) => expression).join(', ')}
FROM pg_catalog.pg_roles r
WHERE ${own} AND ${patternCondition(pattern, { name: 'r.rolname' })}
ORDER BY 1`);
  const members = await shell.query(`SELECT m.rolname, g.rolname
FROM pg_catalog.pg_auth_members a
JOIN pg_catalog.pg_roles m ON m.oid = a.member
JOIN pg_catalog.pg_roles g ON g.oid = a.roleid
ORDER BY 1, 2`);
  if (rows === undefined || members === undefined) return 'failed';
  const described = rows.map(([role = '', limit, ...flags]) => {
    const attributes = ATTRIBUTES.filter((_, index) => flags[index] === 't').map(
      ([, what]) => what,
    );
    const connections =
      limit === '-1'
        ? []
        : [limit === '0' ? 'No connections' : `${limit} connection${limit === '1' ? '' : 's'}`];
    const groups = members.filter(([member]) => member === role).map(([, group]) => group);
    const lines = [attributes.join(', '), ...connections].filter((line) => line !== '');
    return [role, lines.join('\n'), `{${groups.join(',')}}`];
  });
  await printList(shell, {
    title: 'List of roles',
    headers: ['Role name', 'Attributes', 'Member of'],
    rows: described,
    footers: [],
  });
  return 'done';
}
