// Import and export by HTTP: formats, faults, and clients that leave.
import { request } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test from 'ava';
import { startRestServer } from '../support/rest-client.ts';

const rest = await startRestServer();
const base = rest.url;
const { fetch } = rest.contract;
test.after.always(() => rest.stop());

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function sql(text: string): Promise<readonly unknown[]> {
  const response = await fetch(`${base}/query`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sql: text, format: 'arrays' }),
  });
  const body = (await response.json()) as { rows: unknown[] };
  if (!response.ok) throw new Error(JSON.stringify(body));
  return body.rows;
}

async function load(
  path: string,
  body: string | Uint8Array,
  headers: Record<string, string> = { 'content-type': 'text/csv' },
): Promise<Answer> {
  const response = await fetch(`${base}/import/${path}`, {
    method: 'POST',
    headers,
    body: body as string,
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const errorOf = ({ body }: Answer) =>
  body.error as { code: string; message: string; details: object };

test('CSV goes in by the names in its header, and out again', async (t) => {
  await sql('CREATE TABLE a (id int PRIMARY KEY, name text, n numeric)');
  const loaded = await load('a', '\ufeffn,id,name\n1.50,1,"x, ""y"""\n,2,ä\n');
  t.deepEqual(loaded, { status: 200, body: { accepted: 2, rejectedCount: 0, rejected: [] } });
  const csv = await fetch(`${base}/export/a`);
  t.is(csv.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
  t.is(await csv.text(), 'id,name,n\n1,"x, ""y""",1.50\n2,ä,\n');
  const lines = await fetch(`${base}/export/a?columns=name,id`, {
    headers: { accept: 'application/x-ndjson' },
  });
  t.is(await lines.text(), '{"name":"x, \\"y\\"","id":1}\n{"name":"ä","id":2}\n');
  const tabs = await fetch(`${base}/export/a?format=tsv&header=false`);
  t.is(await tabs.text(), '1\t"x, ""y"""\t1.50\n2\tä\t\n');
});

test('NDJSON, TSV and compressed bodies', async (t) => {
  await sql('CREATE TABLE b (id int PRIMARY KEY, doc jsonb)');
  const ndjson = { 'content-type': 'application/x-ndjson' };
  t.is((await load('b', '{"id":1,"doc":{"a":1}}\n{"id":2}\n', ndjson)).body.accepted, 2);
  const tsv = { 'content-type': 'text/tab-separated-values' };
  t.is((await load('b?header=false', '3\t"[1]"\n', tsv)).body.accepted, 1);
  const csv = { 'content-type': 'text/csv' };
  const gzip = { ...csv, 'content-encoding': 'gzip' };
  t.is((await load('b', gzipSync('id,doc\n4,1\n'), gzip)).body.accepted, 1);
  const zstd = { ...csv, 'content-encoding': 'zstd' };
  t.is((await load('b', zstdCompressSync('id,doc\n5,1\n'), zstd)).body.accepted, 1);
  const broken = await load('b', Buffer.from('no gzip'), gzip);
  t.true(broken.status >= 400 && broken.status < 600);
  t.deepEqual(await sql('SELECT count(*) FROM b'), [[5]]);
});

test('a faulty line is named and nothing is loaded, unless faulty lines are skipped', async (t) => {
  await sql('CREATE TABLE c (id int PRIMARY KEY, day date NOT NULL)');
  const file =
    'id,day\n1,2026-01-01\nx,2026-01-01\n3,2026-13-01\n4,\n5,2026-01-05,1\n6,2026-01-06\n';
  const stopped = await load('c', file);
  t.is(stopped.status, 400);
  t.like(errorOf(stopped), {
    code: 'DATA_EXCEPTION',
    message: 'line 3: invalid input syntax for type integer: "x"',
    details: { line: 3, column: 'id' },
  });
  t.deepEqual(await sql('SELECT * FROM c'), []);
  const skipped = await load('c?onError=skip', file);
  t.is(skipped.body.accepted, 2);
  t.is(skipped.body.rejectedCount, 4);
  const rejected = skipped.body.rejected as { line: number; column?: string; sqlstate: string }[];
  t.deepEqual(rejected.map(({ line, column, sqlstate }) => [line, column, sqlstate]).sort(), [
    [3, 'id', '22P02'],
    [4, 'day', '22008'],
    [5, undefined, '23502'],
    [6, undefined, '22P04'],
  ]);
  const limited = await load('c?onError=skip&rejectLimit=3', file.replaceAll(/^(\d)/gm, '9$1'));
  t.is(limited.status, 400);
  t.deepEqual(await sql('SELECT count(*) FROM c'), [[2]]);
});

test('what cannot be is said', async (t) => {
  await sql('CREATE TABLE d (id int)');
  t.is(errorOf(await load('nowhere', 'id\n1\n')).code, 'UNDEFINED_OBJECT');
  t.regex(errorOf(await load('d', 'id,wrong\n1,2\n')).message, /column "wrong" of relation "d"/);
  t.is((await load('d', '1', { 'content-type': 'image/png' })).status, 415);
  t.is((await load('d?onErorr=skip', '1')).status, 400);
  const evil = await load(encodeURIComponent('d"; DROP TABLE d; --'), 'id\n1\n');
  t.is(errorOf(evil).code, 'UNDEFINED_OBJECT');
  t.deepEqual(await sql('SELECT * FROM d'), []);
});

test('an upload that is cut off leaves nothing', async (t) => {
  await sql('CREATE TABLE e (id int)');
  await new Promise<void>((resolve) => {
    const upload = request(`${base}/import/e`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
    });
    upload.on('error', () => resolve());
    upload.write('id\n');
    for (let turn = 0; turn < 100; turn += 1) upload.write('1\n2\n3\n'.repeat(1000));
    setTimeout(() => upload.destroy(), 50);
  });
  for (;;) {
    const active = await sql(
      "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'COPY \"e\"%' AND state <> 'idle'",
    );
    if (active.length === 0) break;
  }
  t.deepEqual(await sql('SELECT count(*) FROM e'), [[0]]);
});

test('an import whose client has stopped sending can be cancelled', async (t) => {
  await sql('CREATE TABLE f (id int)');
  const upload = request(`${base}/import/f`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
  });
  const status = new Promise<number | undefined>((resolve, reject) => {
    upload.on('error', reject);
    upload.on('response', (response) => resolve(response.statusCode));
  });
  upload.write('id\n1\n');
  let id: string | undefined;
  while (id === undefined) {
    const { body } = await rest.request('/queries');
    const items = body.items as { id: string; sql: string }[];
    id = items.find((one) => one.sql.startsWith('COPY "f"'))?.id;
  }
  t.is((await rest.request(`/queries/${id}`, { method: 'DELETE' })).status, 204);
  t.is(await status, 499);
  upload.destroy();
  t.deepEqual(await sql('SELECT count(*) FROM f'), [[0]]);
});
