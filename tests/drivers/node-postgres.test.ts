import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

/** A client that is there until the test ends. */
async function connected(t: ExecutionContext): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user: 'rustydb',
    database: 'rustydb',
  });
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

test('node-postgres: simple, parameters, types, errors, transactions', async (t) => {
  const client = await connected(t);
  await client.query('CREATE TABLE visits (id int PRIMARY KEY, who text NOT NULL, at timestamptz)');
  await client.query('INSERT INTO visits VALUES ($1, $2, $3)', [
    1,
    'ann',
    new Date('2020-01-02T03:04:05Z'),
  ]);
  const { rows } = await client.query('SELECT * FROM visits');
  t.deepEqual(rows, [{ id: 1, who: 'ann', at: new Date('2020-01-02T03:04:05Z') }]);
  await t.throwsAsync(client.query("INSERT INTO visits VALUES (1, 'bob')"), { code: '23505' });
  await client.query('BEGIN');
  await client.query("INSERT INTO visits VALUES (2, 'bob')");
  await client.query('ROLLBACK');
  const counted = await client.query('SELECT count(*)::int AS n FROM visits');
  t.is(counted.rows[0].n, 1);
});

test('node-postgres: a pool of several connections', async (t) => {
  const pool = new pg.Pool({
    host: '127.0.0.1',
    port: server.port,
    user: 'rustydb',
    database: 'rustydb',
    max: 4,
  });
  t.teardown(() => pool.end());
  const queries = Array.from({ length: 40 }, (_, index) =>
    pool.query<{ n: number }>('SELECT $1::int AS n', [index]),
  );
  const results = await Promise.all(queries);
  t.deepEqual(
    results.map(({ rows }) => rows[0]?.n),
    Array.from({ length: 40 }, (_, index) => index),
  );
});

test('node-postgres: EXPLAIN of a statement with parameters', async (t) => {
  const client = await connected(t);
  await client.query('CREATE TABLE explained (id int PRIMARY KEY)');
  await client.query('INSERT INTO explained VALUES (1), (2)');
  const { rows } = await client.query(
    'EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM explained WHERE id = $1',
    [2],
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  t.regex(plan, /Index .*explained.*rows=1 loops=1/);
  const wrong = client.query('EXPLAIN SELECT * FROM explained WHERE id = $1', ['x']);
  await t.throwsAsync(wrong, { code: '22P02' });
});
