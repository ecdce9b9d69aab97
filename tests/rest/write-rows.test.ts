// Inserting, changing and deleting rows. What is expected is what PostgREST over PostgreSQL 15 does.
import test from 'ava';
import {
  assertFails,
  type RestRequest,
  type RestServer,
  startRestServer,
} from '../support/rest-client.ts';

let rest: RestServer;

test.before(async () => {
  rest = await startRestServer();
});

test.after.always(() => rest?.stop());

const send = (method: string) => (path: string, body?: unknown, prefer?: string, type?: string) => {
  const headers = {
    ...(prefer === undefined ? {} : { prefer }),
    ...(type === undefined ? {} : { accept: type }),
  };
  const request: RestRequest = { method, headers, ...(body === undefined ? {} : { body }) };
  return rest.request(`/tables/${path}`, request);
};
const post = send('POST');
const patch = send('PATCH');
const remove = send('DELETE');

const all = async (table: string) => (await rest.request(`/tables/${table}/rows?order=id`)).body;

const WHOLE = 'return=representation';

test('a row, and an array of them whose columns differ', async (t) => {
  await rest.sql("CREATE TABLE plain (id int PRIMARY KEY, a text DEFAULT 'new', b int[], c jsonb)");
  const one = await post('plain/rows', { id: 1 });
  t.is(one.status, 201, one.text);
  t.is(one.text, '');
  const several = await post('plain/rows', [
    { id: 2, a: 'x', b: [1, 2] },
    { id: 3, c: { k: [null, "it's"] } },
    { id: 4, c: 'text' },
  ]);
  t.is(several.status, 201, several.text);
  t.deepEqual(await all('plain'), [
    { id: 1, a: 'new', b: null, c: null },
    { id: 2, a: 'x', b: [1, 2], c: null },
    { id: 3, a: null, b: null, c: { k: [null, "it's"] } },
    { id: 4, a: null, b: null, c: 'text' },
  ]);
});

test('what is missing becomes the default where that is wanted', async (t) => {
  await rest.sql("CREATE TABLE missing (id int PRIMARY KEY, a text DEFAULT 'new')");
  const rows = [{ id: 1 }, { id: 2, a: 'x' }, { id: 3, a: null }];
  const { status, body } = await post('missing/rows', rows, `missing=default, ${WHOLE}`);
  t.is(status, 201);
  t.deepEqual(body, [
    { id: 1, a: 'new' },
    { id: 2, a: 'x' },
    { id: 3, a: null },
  ]);
  await rest.sql('CREATE TABLE counted (id int GENERATED ALWAYS AS IDENTITY, a int DEFAULT 7)');
  t.deepEqual((await post('counted/rows', {}, WHOLE)).body, [{ id: 1, a: 7 }]);
});

test('numbers keep their digits', async (t) => {
  await rest.sql('CREATE TABLE digits (id bigint PRIMARY KEY, n numeric, j json, a bigint[])');
  const row = '{"id":9007199254740993,"n":1.50,"j":{"x":1.10},"a":[9007199254740995]}';
  const { status, text } = await post('digits/rows', row, WHOLE);
  t.is(status, 201, text);
  t.is(text, `[${row}]`);
});

test('many rows go in at once', async (t) => {
  await rest.sql('CREATE TABLE bulk (id int PRIMARY KEY, a text, b int[], c jsonb, d timestamptz)');
  const rows = Array.from({ length: 2000 }, (_, id) => ({
    id,
    a: id % 3 === 0 ? null : `a"'\\,{}${id}`,
    b: [id, null],
    c: { id, s: 'x"y' },
    d: '2020-01-02T03:04:05+00:00',
  }));
  const made = await post('bulk/rows', rows, 'count=exact');
  t.is(made.status, 201, made.text);
  t.is(made.headers.get('content-range'), '*/2000');
  t.deepEqual(await all('bulk'), rows);
  const bad = rows.map((row) => ({ ...row, id: row.id === 1999 ? 'x' : row.id + 5000 }));
  const error = assertFails(t, await post('bulk/rows', bad), 400, 'DATA_EXCEPTION');
  t.is(error.message, 'invalid input syntax for type integer: "x"');
  t.is((await all('bulk')).length, 2000);
});

test('many rows that differ, with defaults, are one transaction', async (t) => {
  await rest.sql('CREATE TABLE wide (id int PRIMARY KEY, a int DEFAULT 7, b int)');
  const rows = Array.from({ length: 25_000 }, (_, id) =>
    id % 2 === 0 ? { id, b: 1 } : { id, a: 1 },
  );
  const made = await post('wide/rows', rows, `missing=default, ${WHOLE}`);
  t.is(made.status, 201, made.text.slice(0, 200));
  t.is(made.body.length, 25_000);
  t.deepEqual(made.body[0], { id: 0, a: 7, b: 1 });
  const again = [...rows.map((row) => ({ ...row, id: row.id + 30_000 })), { id: 0, a: 1 }];
  assertFails(t, await post('wide/rows', again, 'missing=default'), 409, 'CONSTRAINT_VIOLATION');
  t.deepEqual((await rest.request('/tables/wide/rows?select=count()')).body, [{ count: 25_000 }]);
});

test('duplicates are merged or left', async (t) => {
  await rest.sql(
    'CREATE TABLE merged (id int PRIMARY KEY, code text UNIQUE, n int)',
    "INSERT INTO merged VALUES (1, 'a', 1), (2, 'b', 2)",
  );
  const error = assertFails(t, await post('merged/rows', { id: 1 }), 409, 'CONSTRAINT_VIOLATION');
  t.like(error.details, { constraint: 'merged_pkey' });
  const merge = `resolution=merge-duplicates, ${WHOLE}`;
  const merged = await post(
    'merged/rows',
    [
      { id: 1, n: 10 },
      { id: 3, n: 3 },
    ],
    merge,
  );
  t.is(merged.status, 201, merged.text);
  t.is(merged.headers.get('preference-applied'), merge);
  t.deepEqual(
    merged.body.map(({ id, n }: Record<string, unknown>) => [id, n]),
    [
      [1, 10],
      [3, 3],
    ],
  );
  const byCode = [{ id: 9, code: 'b', n: 20 }];
  await post('merged/rows?on_conflict=code', byCode, 'resolution=merge-duplicates');
  t.deepEqual((await rest.request('/tables/merged/rows?code=eq.b')).body, byCode);
  const ignored = `resolution=ignore-duplicates, ${WHOLE}`;
  t.deepEqual((await post('merged/rows', { id: 3, n: 99 }, ignored)).body, []);
  t.deepEqual((await rest.request('/tables/merged/rows/3?select=n')).body, { n: 3 });
});

test('the headers say where a new row is', async (t) => {
  await rest.sql('CREATE TABLE places (a int, b text, PRIMARY KEY (a, b))');
  const made = await post('places/rows', { a: 1, b: 'x,/ü' }, 'return=headers-only');
  t.is(made.status, 201, made.text);
  const location = made.headers.get('location') ?? '';
  t.is(location, '/api/v1/tables/places/rows/1,x%2C%2F%C3%BC');
  t.deepEqual((await rest.request(location.replace('/api/v1', ''))).body, { a: 1, b: 'x,/ü' });
});

test('columns that are named are the ones that count', async (t) => {
  await rest.sql('CREATE TABLE chosen (id int PRIMARY KEY, a text)');
  const rows = [{ id: 1, a: 'x', z: 1 }, { id: 2 }];
  assertFails(t, await post('chosen/rows', rows), 400, 'UNDEFINED_OBJECT');
  t.is((await post('chosen/rows?columns=id,a', rows)).status, 201);
  t.deepEqual(await all('chosen'), [
    { id: 1, a: 'x' },
    { id: 2, a: null },
  ]);
});

test('rows that meet the filters are changed', async (t) => {
  await rest.sql(
    'CREATE TABLE changed (id int PRIMARY KEY, n int)',
    'INSERT INTO changed VALUES (1, 1), (2, 2), (3, 3)',
  );
  const silent = await patch('changed/rows?n=gte.2', { n: 20 }, 'count=exact');
  t.is(silent.status, 204);
  t.is(silent.headers.get('content-range'), '*/2');
  const counted = `${WHOLE}, count=exact`;
  const shown = await patch('changed/rows?id=eq.1&select=n', { n: 10 }, counted);
  t.is(shown.status, 200);
  t.is(shown.headers.get('content-range'), '*/1');
  t.deepEqual(shown.body, [{ n: 10 }]);
  t.is((await patch('changed/rows/3', { n: 30 })).status, 204);
  t.deepEqual((await patch('changed/rows/3', { n: 31 }, WHOLE)).body, { id: 3, n: 31 });
  assertFails(t, await patch('changed/rows/9', { n: 1 }), 404, 'NOT_FOUND');
  assertFails(t, await patch('changed/rows/9', { n: 1 }, WHOLE), 404, 'NOT_FOUND');
  assertFails(t, await patch('changed/rows', {}), 400, 'VALIDATION_ERROR');
  assertFails(t, await patch('changed/rows', [{ n: 1 }, { n: 2 }]), 400, 'VALIDATION_ERROR');
  assertFails(t, await patch('changed/rows?limit=1', { n: 1 }), 501, 'NOT_IMPLEMENTED');
  t.deepEqual(await all('changed'), [
    { id: 1, n: 10 },
    { id: 2, n: 20 },
    { id: 3, n: 31 },
  ]);
});

test('rows that meet the filters are deleted', async (t) => {
  await rest.sql(
    'CREATE TABLE deleted (id int PRIMARY KEY, n int)',
    'INSERT INTO deleted SELECT g, g FROM generate_series(1, 6) g',
  );
  t.is((await remove('deleted/rows?id=in.(1,2)')).status, 204);
  t.deepEqual((await remove('deleted/rows?n=eq.3', undefined, WHOLE)).body, [{ id: 3, n: 3 }]);
  t.is((await remove('deleted/rows/4')).status, 204);
  assertFails(t, await remove('deleted/rows/4'), 404, 'NOT_FOUND');
  t.deepEqual((await remove('deleted/rows/5', undefined, WHOLE)).body, { id: 5, n: 5 });
  t.deepEqual(await all('deleted'), [{ id: 6, n: 6 }]);
});

test('what is written is answered with what belongs to it', async (t) => {
  await rest.sql(
    'CREATE TABLE owners (id int PRIMARY KEY, name text)',
    'CREATE TABLE pets (id int PRIMARY KEY, owner int REFERENCES owners (id))',
    "INSERT INTO owners VALUES (1, 'Ann')",
  );
  const made = await post('pets/rows?select=id,owners(name)', { id: 5, owner: 1 }, WHOLE);
  t.deepEqual(made.body, [{ id: 5, owners: { name: 'Ann' } }]);
  const orphan = assertFails(
    t,
    await post('pets/rows', { id: 6, owner: 2 }),
    409,
    'CONSTRAINT_VIOLATION',
  );
  t.is(orphan.sqlstate, '23503');
});

test('a write is undone where that is wanted, or where it affects too much', async (t) => {
  await rest.sql(
    'CREATE TABLE kept (id int PRIMARY KEY, n int)',
    'INSERT INTO kept SELECT g, 0 FROM generate_series(1, 5) g',
  );
  const undone = await patch('kept/rows', { n: 1 }, `tx=rollback, ${WHOLE}`);
  t.is(undone.status, 200);
  t.is(undone.body.length, 5);
  assertFails(t, await patch('kept/rows', { n: 1 }, 'max-affected=4'), 400, 'VALIDATION_ERROR');
  const shown = await patch('kept/rows', { n: 1 }, `max-affected=4, ${WHOLE}`);
  assertFails(t, shown, 400, 'VALIDATION_ERROR');
  const rows = await all('kept');
  t.true(rows.every(({ n }: { n: number }) => n === 0));
  t.is((await patch('kept/rows?id=lte.4', { n: 1 }, 'max-affected=4')).status, 204);
});

test('the plan of a write', async (t) => {
  await rest.sql('CREATE TABLE planned (id int PRIMARY KEY, tags text[], data jsonb)');
  const plan = await post('planned/rows', { id: 1 }, 'explain=plan');
  t.is(plan.status, 200, plan.text);
  t.truthy(plan.body[0].Plan);
  t.deepEqual(await all('planned'), []);
  const rows = [{ id: 1, tags: ['a', "b'"], data: { k: [1] } }];
  const done = await post('planned/rows', rows, 'explain=analyze');
  t.is(done.status, 200, done.text);
  t.deepEqual(await all('planned'), rows);
  const many = Array.from({ length: 600 }, (_, id) => ({ id: id + 2, tags: ['c'], data: null }));
  const undone = await post('planned/rows', many, 'explain=analyze, tx=rollback');
  t.is(undone.status, 200, undone.text);
  t.deepEqual(await all('planned'), rows);
});

test('bodies that are no rows', async (t) => {
  await rest.sql('CREATE TABLE bodies (id int PRIMARY KEY, a text)');
  for (const body of ['1', '"x"', 'null', '[1]', '[{"id":1},null]', '[[]]', '{"id":']) {
    assertFails(t, await post('bodies/rows', body), 400, 'VALIDATION_ERROR');
  }
  const type = { 'content-type': 'text/plain' };
  const plain = await rest.request('/tables/bodies/rows', {
    method: 'POST',
    headers: type,
    body: 'x',
  });
  assertFails(t, plain, 415, 'UNSUPPORTED_MEDIA_TYPE');
  assertFails(t, await post('bodies/rows', { id: 1, A: 'x' }), 400, 'UNDEFINED_OBJECT');
  assertFails(t, await post('nowhere/rows', { id: 1 }), 404, 'NOT_FOUND');
  t.deepEqual((await post('bodies/rows', [], WHOLE)).body, []);
  t.deepEqual(await all('bodies'), []);
});

test('what is nested deep is stored or refused', async (t) => {
  await rest.sql('CREATE TABLE deep (id int PRIMARY KEY, j json, t text, a int[])');
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  for (const column of ['j', 't', 'a']) {
    for (const depth of [1, 6, 7, 1500, 2500, 100_000]) {
      const made = await post('deep/rows', `{"id":1,"${column}":${nested(depth)}}`, 'tx=rollback');
      t.true(made.status < 500, `${column} ${depth}: ${made.text.slice(0, 200)}`);
    }
  }
  const many = assertFails(
    t,
    await post('deep/rows', '{"a":[[[[[[[1]]]]]]]}'),
    413,
    'PAYLOAD_TOO_LARGE',
  );
  t.is(many.message, 'number of array dimensions (7) exceeds the maximum allowed (6)');
  const sql = { sql: 'SELECT $1::json', params: ['DEEP'] };
  const body = JSON.stringify(sql).replace('"DEEP"', nested(3000));
  t.true((await rest.request('/query', { method: 'POST', body })).status < 500);
});
