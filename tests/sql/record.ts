/**
 * Fills the expectations of sqllogictest files from a real PostgreSQL:
 * `node tests/sql/record.ts postgres://postgres@127.0.0.1:5432/postgres FILE...`
 *
 * Each file runs in a database of its own that is dropped afterwards. A record's header says only
 * what kind it is (`statement`, `query`, `query rowsort`); the rest is written anew each time.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';

const DATABASE = 'slt_record';
const NUMBER_OIDS: Record<number, string> = {
  20: 'I',
  21: 'I',
  23: 'I',
  700: 'R',
  701: 'R',
  1700: 'R',
};
const raw = { getTypeParser: () => (value: string | Buffer) => value.toString() };

/** A value as a record shows it. */
function shown(value: string | null): string {
  if (value === null) return 'NULL';
  return value === '' ? '(empty)' : value.replaceAll('\n', '\\n');
}

/** One record with its expectation as PostgreSQL answers. */
async function record(client: pg.Client, block: string): Promise<string> {
  const lines = block.split('\n');
  const comments = lines.filter((line) => line.startsWith('#'));
  const [header = '', ...rest] = lines.filter((line) => !line.startsWith('#'));
  if (header === '') return block;
  const end = rest.indexOf('----');
  const sql = (end < 0 ? rest : rest.slice(0, end)).join('\n');
  const sorted = header.includes('rowsort');
  try {
    const query = { text: sql, rowMode: 'array', types: raw };
    const answer = (await client.query(query as pg.QueryArrayConfig)) as pg.QueryArrayResult;
    if (!header.startsWith('query')) {
      const counts = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(answer.command);
      const kind = counts && answer.fields.length === 0 ? `count ${answer.rowCount}` : 'ok';
      return [...comments, `statement ${kind}`, sql].join('\n');
    }
    const types = answer.fields.map((field) => NUMBER_OIDS[field.dataTypeID] ?? 'T').join('');
    const rows = answer.rows.map((row) => row.map(shown).join('|'));
    if (sorted) rows.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const kind = `query ${types}${sorted ? ' rowsort' : ''}`;
    return [...comments, kind, sql, '----', ...rows].join('\n');
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === undefined) throw error;
    return [...comments, `statement error ${code}`, sql].join('\n');
  }
}

const [connectionString, ...files] = process.argv.slice(2);
const admin = new pg.Client({ connectionString });
await admin.connect();
for (const file of files) {
  await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await admin.query(`CREATE DATABASE ${DATABASE}`);
  const url = new URL(connectionString ?? '');
  url.pathname = `/${DATABASE}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const blocks = readFileSync(file, 'utf8').trimEnd().split(/\n\n+/);
  const filled: string[] = [];
  for (const block of blocks) filled.push(await record(client, block));
  await client.end();
  writeFileSync(file, `${filled.join('\n\n')}\n`);
}
await admin.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
await admin.end();
