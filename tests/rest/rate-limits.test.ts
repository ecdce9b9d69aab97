// Rates and quotas over HTTP. No test waits: what rules here give does not come back within a day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { assertFails, type RestServer, startRestServer } from '../support/rest-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'rustydb-limits-'));
let rest: RestServer;

test.before(async () => {
  rest = await startRestServer({ flags: ['--network.front_threads', '4'] });
});

test.after.always(async () => {
  await rest?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Of those only who say that they are this program. */
const of = (application: string) => ({
  algorithm: 'fixed_window',
  windowSecs: 86_400,
  match: { application },
});

const post = (path: string, body: object, at = rest) => at.request(path, { method: 'POST', body });

const as = (application: string) => ({ 'user-agent': application });

const query = (application: string, at = rest) =>
  at.request('/query', { method: 'POST', body: { sql: 'SELECT 1' }, headers: as(application) });

test('a rate is one for all ways in, told in headers, and refused with 429', async (t) => {
  const rule = { id: 'three', key: 'application', requests: 3, ...of('a') };
  const made = await post('/gateway/ratelimits', rule);
  t.is(made.status, 201, made.text);
  t.is(made.headers.get('location'), '/api/v1/gateway/ratelimits/three');
  t.deepEqual(made.body, { ...rule, source: 'rules' });
  const told: unknown[] = [];
  for (const send of [
    () => query('a'),
    () => rest.request('/tables', { headers: as('a') }),
    () => query('a'),
  ]) {
    const { status, headers } = await send();
    told.push([status, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]);
  }
  t.deepEqual(told, [
    [200, '3', '2'],
    [200, '3', '1'],
    [200, '3', '0'],
  ]);
  for (const refused of [
    await query('a'),
    await rest.request('/tables', { headers: as('a') }),
    await rest.request('/nothing-here', { headers: as('a') }),
  ]) {
    const error = assertFails(t, refused, 429, 'RATE_LIMIT_EXCEEDED');
    t.like(error, { sqlstate: '53400', details: { of: 'rate limit "three"', limit: 3 } });
    t.true(Number(error.retryAfterMs) > 0);
    t.is(refused.headers.get('retry-after'), refused.headers.get('ratelimit-reset'));
    t.is(refused.headers.get('ratelimit-remaining'), '0');
  }
  t.is((await query('somebody else')).status, 200);
});

test('32 clients on all threads at once get exactly what there is', async (t) => {
  const rule = { id: 'many', key: 'application', requests: 500, ...of('b') };
  t.is((await post('/gateway/ratelimits', rule)).status, 201);
  const client = async (): Promise<number> => {
    let allowed = 0;
    for (let n = 0; n < 25; n += 1) allowed += (await query('b')).status === 200 ? 1 : 0;
    return allowed;
  };
  const allowed = await Promise.all(Array.from({ length: 32 }, client));
  t.is(
    allowed.reduce((one, other) => one + other, 0),
    500,
  );
});

test('rates can be listed, changed and dropped, with force at once', async (t) => {
  const rule = { id: 'c', key: 'application', requests: 1, ...of('c') };
  await post('/gateway/ratelimits', rule);
  t.is((await query('c')).status, 200);
  t.is((await query('c')).status, 429);
  assertFails(t, await post('/gateway/ratelimits', rule), 409, 'ALREADY_EXISTS');
  const { id: _, ...body } = { ...rule, requests: 3 };
  const changed = await rest.request('/gateway/ratelimits/c', { method: 'PUT', body });
  t.is(changed.status, 200, changed.text);
  t.is(changed.body.requests, 3);
  // What was taken stays taken.
  t.is((await query('c')).headers.get('ratelimit-remaining'), '1');
  const { body: list } = await rest.request('/gateway/ratelimits');
  t.true(list.items.some((one: { id: string; source: string }) => one.id === 'c'));
  t.like(
    list.items.find((one: { id: string }) => one.id === 'api'),
    { key: 'client', source: 'configuration', match: { protocol: 'rest' } },
  );
  t.is((await rest.request('/gateway/ratelimits/c')).body.requests, 3);
  t.is((await rest.request('/gateway/ratelimits/c', { method: 'DELETE' })).status, 204);
  assertFails(t, await rest.request('/gateway/ratelimits/c'), 404, 'NOT_FOUND');
  t.is((await query('c')).status, 200);
  assertFails(
    t,
    await rest.request('/gateway/ratelimits/api', { method: 'DELETE' }),
    409,
    'OBJECT_IN_USE',
  );
});

test('what is wrong with a rule is told with its place', async (t) => {
  const rule = { id: 'w', key: 'user', requests: 1, ...of('w') };
  for (const [change, what] of [
    [{ key: 'usr' }, /: key: "usr" is none of client, user, /],
    [{ match: { rout: '/x' } }, /: match\.rout: "rout" is none of /],
    [{ algorithm: 'bucket' }, /algorithm/],
    [{ burst: 5 }, /: burst: only token_bucket/],
    [{ request: 5 }, /request/],
  ] as const) {
    const answer = await post('/gateway/ratelimits', { ...rule, ...change });
    t.regex(String(assertFails(t, answer, 400, 'VALIDATION_ERROR').message), what);
  }
  const other = await rest.request('/gateway/ratelimits', { method: 'PATCH', body: {} });
  assertFails(t, other, 405, 'METHOD_NOT_ALLOWED');
});

test('a rate of bytes is charged by what answers were', async (t) => {
  const rule = { id: 'bytes', key: 'application', requests: 1000, cost: 'bytes', ...of('e') };
  const made = await post('/gateway/ratelimits', rule);
  t.is(made.status, 201, made.text);
  // Nothing of it is the same again, so that it stays as long when it is compressed.
  const sql = "SELECT string_agg(md5(n::text), '') FROM generate_series(1, 100) AS n";
  const long = { method: 'POST', body: { sql }, headers: as('e') };
  t.is((await rest.request('/query', long)).status, 200);
  await eventually('the answer is charged', async () => {
    return (await rest.request('/query', long)).status === 429;
  });
  const tables = { id: 'tables', key: 'application', requests: 100, cost: 'bytes', ...of('f') };
  t.is((await post('/gateway/ratelimits', tables)).status, 201);
  t.is((await rest.request('/tables', { headers: as('f') })).status, 200);
  await eventually('the answer is charged', async () => {
    return (await rest.request('/tables', { headers: as('f') })).status === 429;
  });
});

test('statements of the PostgreSQL door take of the same', async (t) => {
  const rule = { id: 'doors', key: 'application', requests: 6, ...of('doors') };
  t.is((await post('/gateway/ratelimits', rule)).status, 201);
  const client = new pg.Client({
    host: '127.0.0.1',
    port: rest.server.port,
    user: 'rustydb',
    database: 'rustydb',
    application_name: 'doors',
  });
  await client.connect();
  t.is((await query('doors')).headers.get('ratelimit-remaining'), '5');
  await client.query('SELECT 1');
  await client.query('SELECT $1::int', [1]);
  t.is((await query('doors')).headers.get('ratelimit-remaining'), '2');
  await client.query('BEGIN');
  await client.query('COMMIT');
  const error = await t.throwsAsync(client.query('SELECT 1'), { code: '53400' });
  t.regex(error.message, /^rate limit exceeded; retry after \d+ ms$/);
  t.is((await query('doors')).status, 429);
  t.is((await rest.request('/gateway/ratelimits/doors', { method: 'DELETE' })).status, 204);
  t.is((await client.query('SELECT 7 AS seven')).rows[0].seven, 7);
  await client.end();
});

test('SQL shows what is in force', async (t) => {
  const rule = { id: 'shown', key: 'application', requests: 8, ...of('shown') };
  await post('/gateway/ratelimits', rule);
  const { match } = rule;
  await post('/gateway/quotas', { id: 'shown', key: 'tenant', period: 'day', limit: 9, match });
  const [rules, quotas, limiter] = await rest.sql(
    "SELECT * FROM rustydb_rate_limits WHERE id IN ('shown', 'api') ORDER BY id",
    'SELECT * FROM rustydb_quotas',
    'SELECT clients > 0 AS has_clients, clients_max, slowness FROM rustydb_limiter',
  );
  t.like(rules?.body.rows[0], { id: 'api', burst: null, cost: '1', source: 'configuration' });
  t.deepEqual(rules?.body.rows[1], {
    id: 'shown',
    key: 'application',
    algorithm: 'fixed_window',
    requests: 8,
    window_secs: 86_400,
    burst: null,
    cost: '1',
    match: '{"application":"shown"}',
    source: 'rules',
  });
  const quota = { id: 'shown', key: 'tenant', period: 'day', units: 9, cost: '1' };
  t.deepEqual(quotas?.body.rows, [{ ...quota, match: '{"application":"shown"}' }]);
  t.deepEqual(limiter?.body.rows, [{ has_clients: true, clients_max: 1_000_000, slowness: 1 }]);
});

test('quotas and rules survive kill -9', async (t) => {
  const dataPath = join(folder, 'killed');
  const first = await startRestServer({ dataPath });
  const quota = {
    id: 'q',
    key: 'application',
    period: 'month',
    limit: 5,
    match: { application: 'd*' },
  };
  const made = await post('/gateway/quotas', quota, first);
  t.is(made.status, 201, made.text);
  for (const left of ['4', '3', '2']) {
    t.is((await query('d1', first)).headers.get('ratelimit-remaining'), left);
  }
  await first.server.stop('SIGKILL');
  const again = await startRestServer({ dataPath });
  t.deepEqual((await again.request('/gateway/quotas')).body.items, [quota]);
  const answers: [number, string | null][] = [];
  for (let n = 0; n < 3; n += 1) {
    const { status, headers } = await query('d1', again);
    answers.push([status, headers.get('ratelimit-remaining')]);
  }
  t.deepEqual(answers, [
    [200, '1'],
    [200, '0'],
    [429, '0'],
  ]);
  t.is((await query('d2', again)).headers.get('ratelimit-remaining'), '4');
  const body = { ...quota, limit: 6 };
  t.is((await again.request('/gateway/quotas/q', { method: 'PUT', body })).status, 200);
  t.is((await query('d1', again)).status, 200);
  t.is((await again.request('/gateway/quotas/q', { method: 'DELETE' })).status, 204);
  t.is((await query('d1', again)).headers.get('ratelimit-limit'), '1000000000');
  await again.stop();
});
