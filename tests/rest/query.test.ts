// SQL by HTTP: representations, faults, lists and cancelling.
import { request } from 'node:http';
import test from 'ava';
import { startRestServer } from '../support/rest-client.ts';

const rest = await startRestServer();
const base = rest.url;
const { fetch } = rest.contract;
test.after.always(() => rest.stop());

const JSON_TYPE = { 'content-type': 'application/json' };

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fetch(`${base}${path}`, {
    method: 'POST',
    headers: { ...JSON_TYPE, ...headers },
    body: text,
  });
}

async function errorOf(response: Response) {
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  return { status: response.status, ...error } as Record<string, unknown>;
}

const ROWS = 'SELECT n, chr(96 + n) AS c FROM generate_series(1, 3) AS g(n)';

test('a result in each format', async (t) => {
  const objects = (await (await post('/query', { sql: ROWS })).json()) as Record<string, unknown>;
  t.like(objects, {
    columns: [
      { name: 'n', type: 'integer', nullable: true },
      { name: 'c', type: 'text', nullable: true },
    ],
    rowCount: 3,
    command: 'SELECT',
  });
  t.deepEqual(objects.rows, [
    { n: 1, c: 'a' },
    { n: 2, c: 'b' },
    { n: 3, c: 'c' },
  ]);
  t.regex(String(objects.queryId), /^[0-9a-f-]{36}$/);
  t.is(typeof objects.executionTimeMs, 'number');
  const rowsAs = async (format: string) =>
    ((await (await post('/query', { sql: ROWS, format })).json()) as { rows: unknown }).rows;
  t.deepEqual(await rowsAs('arrays'), [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ]);
  t.deepEqual(await rowsAs('columns'), [
    [1, 2, 3],
    ['a', 'b', 'c'],
  ]);
  const ndjson = await post('/query', { sql: ROWS }, { accept: 'application/x-ndjson' });
  t.is(await ndjson.text(), '{"n":1,"c":"a"}\n{"n":2,"c":"b"}\n{"n":3,"c":"c"}\n');
  const csv = await post('/query', { sql: ROWS }, { accept: 'text/csv' });
  t.is(await csv.text(), 'n,c\n1,a\n2,b\n3,c\n');
  t.is((await errorOf(await post('/query', { sql: ROWS }, { accept: 'image/png' }))).status, 406);
});

test('maxRows says when there was more', async (t) => {
  const some = (await (await post('/query', { sql: ROWS, maxRows: 2 })).json()) as object;
  t.like(some, { rowCount: 2, truncated: true });
  const all = (await (await post('/query', { sql: ROWS, maxRows: 3 })).json()) as object;
  t.like(all, { rowCount: 3 });
  t.false('truncated' in all);
});

test('faults have their code, SQLSTATE and place', async (t) => {
  t.like(await errorOf(await post('/query', { sql: 'SELECT 1 +' })), {
    status: 400,
    code: 'SYNTAX_ERROR',
    sqlstate: '42601',
    position: 11,
  });
  t.like(await errorOf(await post('/query', { sql: 'SELECT nothing' })), {
    code: 'UNDEFINED_OBJECT',
    sqlstate: '42703',
    position: 8,
  });
  t.like(
    await errorOf(
      await post('/query', { sql: 'SELECT 1 / (3 - n) FROM generate_series(1, 3) g(n)' }),
    ),
    {
      status: 400,
      code: 'DATA_EXCEPTION',
    },
  );
  const unknown = await errorOf(await post('/query', { sql: 'SELECT 1', parms: [] }));
  t.like(unknown, { status: 400, code: 'VALIDATION_ERROR' });
  t.regex(String(unknown.message), /parms: unknown key; did you mean params\?/);
  t.is((await errorOf(await post('/query', '{"sql":'))).code, 'VALIDATION_ERROR');
  t.is((await errorOf(await post('/query', 'x', { 'content-type': 'text/plain' }))).status, 415);
  const long = { sql: `SELECT '${'x'.repeat(11 * 1024 * 1024)}'` };
  t.is((await errorOf(await post('/query', long))).status, 413);
  t.is(
    (await errorOf(await post('/query', { sql: 'CREATE TABLE r (a int)', readOnly: true })))
      .sqlstate,
    '25006',
  );
  t.is((await errorOf(await post('/query', { sql: 'SELECT 1', transactionId: 'x' }))).status, 501);
  t.is((await errorOf(await fetch(`${base}/locks`))).status, 501);
  t.is((await errorOf(await fetch(`${base}/nothing`))).status, 404);
  const wrong = await fetch(`${base}/query`);
  t.is(wrong.headers.get('allow'), 'POST');
  t.is((await errorOf(wrong)).status, 405);
});

test('an error in the middle of the rows follows them', async (t) => {
  const sql = 'SELECT n, 1 / (50000 - n) AS x FROM generate_series(1, 60000) AS g(n)';
  const body = (await (await post('/query', { sql })).json()) as {
    rows: unknown[];
    error: { sqlstate: string };
  };
  t.is(body.error.sqlstate, '22012');
  t.true(body.rows.length > 1000);
  const lines = (await (await post('/query', { sql }, { accept: 'application/x-ndjson' })).text())
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { error?: object });
  t.truthy(lines.at(-1)?.error);
  await t.throwsAsync(async () => (await post('/query', { sql }, { accept: 'text/csv' })).text());
});

test('a temporary table is gone with the request that made it', async (t) => {
  const sqls = [
    'CREATE TEMP TABLE left_over AS SELECT 1 AS n',
    'SELECT 1 AS n INTO TEMPORARY left_over',
    'CREATE TABLE pg_temp.left_over (n int)',
    'CREATE TABLE U&"pg\\005ftemp".left_over (n int)',
  ];
  for (const sql of sqls) {
    t.is((await post('/query', { sql })).status, 200, sql);
    for (let i = 0; i < 10; i += 1) {
      const found = await errorOf(await post('/query', { sql: 'SELECT * FROM left_over' }));
      t.is(found.sqlstate, '42P01', sql);
    }
  }
});

test('what runs is listed and can be cancelled; a client that leaves stops its statement', async (t) => {
  const endless = 'SELECT count(*) FROM generate_series(1, 1000000000000)';
  const running = post('/query', { sql: endless });
  const find = async (): Promise<{ id: string } | undefined> => {
    const { items } = (await (await fetch(`${base}/queries`)).json()) as {
      items: { id: string; sql: string }[];
    };
    return items.find(({ sql }) => sql === endless);
  };
  let found = await find();
  while (found === undefined) found = await find();
  const cancel = await fetch(`${base}/queries/${found.id}`, { method: 'DELETE' });
  t.is(cancel.status, 204);
  t.like(await errorOf(await running), { status: 499, code: 'CANCELLED' });
  t.is((await fetch(`${base}/queries/${found.id}`, { method: 'DELETE' })).status, 404);

  const left = request(`${base}/query`, { method: 'POST', headers: JSON_TYPE });
  left.on('error', () => undefined);
  left.end(JSON.stringify({ sql: endless }));
  while ((await find()) === undefined);
  left.destroy();
  while ((await find()) !== undefined);
  const late = await errorOf(await post('/query', { sql: endless, timeoutMs: 20 }));
  t.like(late, { status: 504, code: 'TIMEOUT' });
});

test('a plan, of a statement with parameters too', async (t) => {
  const plan = async (body: object) =>
    (await (await post('/query/explain', body)).json()) as { Plan: Record<string, unknown> }[];
  await rest.sql(
    'CREATE TABLE explained (n int)',
    'INSERT INTO explained SELECT n FROM generate_series(1, 9) AS n',
  );
  const [plain] = await plan({ sql: 'SELECT 1' });
  t.is(plain?.Plan['Actual Rows'], undefined);
  const sql = 'SELECT n FROM explained WHERE n > $1 AND $2 <> n::text AND n <> ALL ($3)';
  const [measured] = await plan({ sql, params: [5, "it's \\", [7, 8]], analyze: true });
  t.is(measured?.Plan['Actual Rows'], 2);
  t.is((await errorOf(await post('/query/explain', { sql: 'SELECT nothing' }))).position, 8);
  const wrong = { sql: 'SELECT $1::int + nothing', params: [1] };
  t.is((await errorOf(await post('/query/explain', wrong))).position, 18);
  t.is((await post('/query/explain', { sql: 'SELECT 1; SELECT 2' })).status, 400);
});

test('a batch is all or nothing, or each for itself', async (t) => {
  const made = await post('/batch', {
    statements: [
      'CREATE TABLE batch (id int PRIMARY KEY)',
      { sql: 'INSERT INTO batch VALUES ($1), ($2)', params: [1, 2] },
      'SELECT id FROM batch ORDER BY id',
    ],
  });
  const { results } = (await made.json()) as { results: { rows: unknown[]; rowCount: number }[] };
  t.deepEqual(results[2]?.rows, [{ id: 1 }, { id: 2 }]);
  const failing = ['INSERT INTO batch VALUES (3)', 'INSERT INTO batch VALUES (1)'];
  t.like(await errorOf(await post('/batch', { statements: failing })), {
    status: 409,
    code: 'CONSTRAINT_VIOLATION',
    details: { statement: 1, constraint: 'batch_pkey' },
  });
  const each = await post('/batch', { statements: failing, atomic: false });
  const parts = ((await each.json()) as { results: { error?: object; rowCount?: number }[] })
    .results;
  t.is(parts[0]?.rowCount, 1);
  t.truthy(parts[1]?.error);
  const ended = await errorOf(await post('/batch', { statements: ['COMMIT', 'SELECT 1'] }));
  t.is(ended.code, 'TRANSACTION_STATE');
});

test('only loopback names are answered while connections are trusted', async (t) => {
  const status = (headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(`${base}/version`, { headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on('error', reject);
      asked.end();
    });
  t.is(await status({ host: 'evil.example' }), 403);
  t.is(await status({ origin: 'https://evil.example' }), 403);
  t.is(await status({ host: 'localhost:1', origin: 'http://localhost:3000' }), 200);
});

test('the probes, the metrics and the documents answer', async (t) => {
  const root = base.replace('/api/v1', '');
  for (const path of ['/health', '/health/live', '/health/ready', '/health/startup']) {
    t.is((await fetch(`${root}${path}`)).status, 200, path);
  }
  const metrics = await (await fetch(`${root}/metrics`)).text();
  t.regex(
    metrics,
    /rustydb_api_requests_total\{method="GET",endpoint="\/health",status="200"\} \d/,
  );
  t.regex(metrics, /rustydb_buffer_pool_frames \d/);
  for (const path of [
    '/swagger-ui/',
    '/swagger-ui/swagger-ui-bundle.js',
    '/redoc',
    '/redoc/redoc.standalone.js',
  ]) {
    t.is((await fetch(`${root}${path}`)).status, 200, path);
  }
  const given = await fetch(`${base}/version`, { headers: { 'x-request-id': 'mine-1' } });
  t.is(given.headers.get('x-request-id'), 'mine-1');
});
