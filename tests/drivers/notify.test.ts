import test from 'ava';
import pg from 'pg';
import postgres from 'postgres';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

const options = () => ({ host: '127.0.0.1', port: server.port, user: 'rustydb' });

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ ...options(), database: 'rustydb' });
  await client.connect();
  return client;
}

test('an idle client is told at once, in the order of commits', async (t) => {
  const [listener, other] = [await connect(), await connect()];
  t.teardown(() => Promise.all([listener.end(), other.end()]));
  const told: string[] = [];
  const sender = (await other.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  listener.on('notification', ({ channel, payload, processId }) => {
    told.push(`${channel} ${payload}`);
    t.is(processId, sender);
  });
  await listener.query('LISTEN news');
  await other.query("BEGIN; NOTIFY news, 'one'; NOTIFY elsewhere, 'x'; NOTIFY news, 'one'");
  await other.query("SELECT pg_notify('news', 'two')");
  t.deepEqual(told, []);
  await other.query('COMMIT');
  await other.query('NOTIFY news');
  await eventually('3 notifications', async () => told.length === 3);
  t.deepEqual(told, ['news one', 'news two', 'news ']);
});

test('nobody is told within a transaction; many notifications come whole', async (t) => {
  const [listener, other] = [await connect(), await connect()];
  t.teardown(() => Promise.all([listener.end(), other.end()]));
  const told: (string | undefined)[] = [];
  listener.on('notification', ({ payload }) => told.push(payload));
  await listener.query('LISTEN many');
  await listener.query('BEGIN');
  await other.query(
    "SELECT pg_notify('many', n || repeat('x', 5000)) FROM generate_series(1, 500) n",
  );
  await listener.query('SELECT 1');
  t.deepEqual(told, []);
  await listener.query('COMMIT');
  await eventually('500 notifications', async () => told.length === 500);
  const numbers = told.map((payload) => Number.parseInt(payload ?? '', 10));
  t.deepEqual(
    numbers,
    Array.from({ length: 500 }, (_, at) => at + 1),
  );
});

test('postgres.js listens and notifies', async (t) => {
  const sql = postgres({ ...options(), database: 'rustydb', max: 2 });
  t.teardown(() => sql.end());
  const told: string[] = [];
  const { unlisten } = await sql.listen('events', (payload) => told.push(payload));
  await sql.notify('events', 'hello');
  await eventually('1 notifications', async () => told.length === 1);
  await unlisten();
  await sql.notify('events', 'nobody');
  await sql`SELECT 1`;
  t.deepEqual(told, ['hello']);
});

test('a session that is ended while it is idle is told so', async (t) => {
  const [idle, other] = [await connect(), await connect()];
  t.teardown(() => other.end());
  const ended = new Promise<pg.DatabaseError>((resolve) => {
    idle.on('error', (error) => resolve(error as pg.DatabaseError));
  });
  const { pid } = (await idle.query('SELECT pg_backend_pid() AS pid')).rows[0];
  await other.query('SELECT pg_terminate_backend($1)', [pid]);
  t.is((await ended).code, '57P01');
});
