// Many clients of the PostgreSQL protocol over few slots: a session keeps all that it has between its
// transactions, and nobody holds a slot without one.
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const SLOTS = 2;
const FLAGS = ['max', 'initial', 'min'].flatMap((of) => [`--pool.${of}_size`, `${SLOTS}`]);

async function serverOf(t: ExecutionContext, ...flags: readonly string[]): Promise<TestServer> {
  const server = await startTestServer({ flags: [...FLAGS, ...flags] });
  t.teardown(() => server.stop());
  return server;
}

async function clientOf(t: ExecutionContext, { port }: TestServer): Promise<pg.Client> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'rustydb', database: 'rustydb' });
  client.on('error', () => undefined);
  await client.connect();
  t.teardown(() => client.end());
  return client;
}

async function gauge(server: TestServer, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${server.httpPort}/metrics`)).text();
  return Number(new RegExp(`^rustydb_pool_${name}{pool="default"} (\\d+)$`, 'm').exec(text)?.[1]);
}

/** Waits until so many wait for a slot. */
function waiters(server: TestServer, count: number): Promise<void> {
  return eventually(
    `${count} wait`,
    async () => (await gauge(server, 'wait_queue_size')) === count,
  );
}

test('a transaction has a slot from its first statement to its end', async (t) => {
  const server = await serverOf(t);
  const [a, b, c] = [
    await clientOf(t, server),
    await clientOf(t, server),
    await clientOf(t, server),
  ];
  await a.query('BEGIN');
  await b.query('BEGIN; SELECT 1');
  const waiting = c.query('SELECT 7 AS n');
  await waiters(server, 1);
  t.is(await gauge(server, 'active_connections'), SLOTS);
  await a.query('COMMIT');
  t.deepEqual((await waiting).rows, [{ n: 7 }]);
  await b.query('ROLLBACK');
  t.is(await gauge(server, 'active_connections'), 0);
});

test('a failed transaction keeps its slot until it is over', async (t) => {
  const server = await serverOf(t);
  const a = await clientOf(t, server);
  await a.query('BEGIN');
  await t.throwsAsync(a.query('SELECT 1/0'));
  t.is(await gauge(server, 'active_connections'), 1);
  await a.query('ROLLBACK');
  t.is(await gauge(server, 'active_connections'), 0);
  await t.throwsAsync(a.query('SELECT 1/0'));
  t.is(await gauge(server, 'active_connections'), 0);
});

test('who waits too long is told, and goes on', async (t) => {
  const server = await serverOf(t, '--pool.acquire_timeout', '100ms');
  const [a, b, c] = [
    await clientOf(t, server),
    await clientOf(t, server),
    await clientOf(t, server),
  ];
  await a.query('BEGIN');
  await b.query('BEGIN');
  const late = await t.throwsAsync<pg.DatabaseError>(c.query('SELECT $1::int AS n', [1]));
  t.is(late?.code, '53300');
  t.regex(
    late?.message ?? '',
    /^the connection pool is exhausted: all 2 slots are in use; waited \d+ ms/,
  );
  const simple = await t.throwsAsync<pg.DatabaseError>(c.query('SELECT 1'));
  t.is(simple?.code, '53300');
  await a.query('COMMIT');
  t.deepEqual((await c.query('SELECT $1::int AS n', [1])).rows, [{ n: 1 }]);
  await b.query('COMMIT');
});

test('a wait counts for statement_timeout', async (t) => {
  const server = await serverOf(t);
  const [a, b, c] = [
    await clientOf(t, server),
    await clientOf(t, server),
    await clientOf(t, server),
  ];
  await c.query("SET statement_timeout = '50ms'");
  await a.query('BEGIN');
  await b.query('BEGIN');
  const late = await t.throwsAsync<pg.DatabaseError>(c.query('SELECT 1'));
  t.is(late?.code, '53300');
  await a.query('COMMIT');
  await b.query('COMMIT');
});

test('a wait can be cancelled, and the client ended', async (t) => {
  const server = await serverOf(t);
  const [a, b, c] = [
    await clientOf(t, server),
    await clientOf(t, server),
    await clientOf(t, server),
  ];
  const [{ pid }] = (await c.query('SELECT pg_backend_pid() AS pid')).rows;
  await a.query('BEGIN');
  await b.query('BEGIN');
  const cancelled = c.query('SELECT 1').catch((error: pg.DatabaseError) => error.code);
  await waiters(server, 1);
  t.true((await a.query('SELECT pg_cancel_backend($1) AS ok', [pid])).rows[0].ok);
  t.is(await cancelled, '57014');
  const ended = c.query('SELECT 1').catch((error: pg.DatabaseError) => error.code);
  await waiters(server, 1);
  t.true((await a.query('SELECT pg_terminate_backend($1) AS ok', [pid])).rows[0].ok);
  t.is(await ended, '57P01');
  await waiters(server, 0);
  await a.query('COMMIT');
  await b.query('COMMIT');
});

test('a client that leaves the line takes nothing with it', async (t) => {
  const server = await serverOf(t);
  const [a, b, c] = [
    await clientOf(t, server),
    await clientOf(t, server),
    await clientOf(t, server),
  ];
  await a.query('CREATE TABLE left_behind (n int)');
  await a.query('BEGIN');
  await b.query('BEGIN');
  const gone = c.query('INSERT INTO left_behind VALUES (1)').catch((error: unknown) => error);
  await waiters(server, 1);
  (c as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
  await gone;
  await waiters(server, 0);
  await a.query('COMMIT');
  t.deepEqual((await a.query('SELECT * FROM left_behind')).rows, []);
  await b.query('COMMIT');
});

test('two hundred clients over two slots keep what is theirs', async (t) => {
  const server = await serverOf(t, '--pool.max_wait_queue_size', '1000');
  const clients = await Promise.all(Array.from({ length: 200 }, () => clientOf(t, server)));
  const all = <T>(work: (client: pg.Client, at: number) => Promise<T>): Promise<T[]> =>
    Promise.all(clients.map(work));
  await all(async (client, at) => {
    await client.query(`SET application_name = 'client ${at}'`);
    await client.query('CREATE TEMP TABLE mine (n int)');
    await client.query(`PREPARE mine_plus (int) AS SELECT n + $1 AS n FROM mine`);
    await client.query({
      name: 'named',
      text: 'SELECT n AS n FROM mine WHERE n = $1',
      values: [0],
    });
    await client.query('SELECT pg_advisory_lock($1)', [at]);
  });
  for (let round = 0; round < 3; round += 1) {
    const seen = await all(async (client, at) => {
      await client.query('BEGIN');
      await client.query('INSERT INTO mine VALUES ($1)', [at]);
      await client.query(round === 1 ? 'ROLLBACK' : 'COMMIT');
      const shown = await client.query('SHOW application_name');
      const prepared = await client.query('EXECUTE mine_plus(1000)');
      const named = { name: 'named', text: 'SELECT n AS n FROM mine WHERE n = $1', values: [at] };
      const found = await client.query(named);
      return [shown.rows[0].application_name, prepared.rows.map(({ n }) => n), found.rows.length];
    });
    const times = round === 2 ? 2 : 1;
    const expected = clients.map((_, at) => [`client ${at}`, Array(times).fill(at + 1000), times]);
    t.deepEqual(seen, expected);
  }
  const released = await all((client, at) =>
    client.query('SELECT pg_advisory_unlock($1) AS ok', [at]),
  );
  t.true(released.every(({ rows }) => rows[0].ok));
  t.is(await gauge(server, 'active_connections'), 0);
});
