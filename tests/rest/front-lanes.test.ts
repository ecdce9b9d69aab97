// The HTTP port on several threads: which of them has a connection is chance, and no client can tell.
// Each test opens so many connections that every thread has some.
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { connection } from '../support/connection.ts';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** With four threads the chance that one of them gets none of these is below one in ten thousand. */
const MANY = 40;
const THREADS = 4;
const FLAGS = ['--network.front_threads', `${THREADS}`];
/** Each thread makes a session when it first answers. */
const SESSIONS = 'SELECT count(*) AS n FROM pg_stat_activity';
const THREE_SESSIONS = ['max', 'initial', 'min'].flatMap((of) => [`--pool.${of}_size`, '3']);

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** A client whose requests all go by one connection. */
class Client {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor({ httpPort }: TestServer) {
    this.#port = httpPort;
  }

  query(sql: string): Promise<Answer> {
    return this.send('POST', '/api/v1/query', JSON.stringify({ sql }));
  }

  send(method: string, path: string, body = ''): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const length = { 'content-type': 'application/json', 'content-length': body.length };
    const asked = request({
      host: '127.0.0.1',
      port: this.#port,
      agent: this.#agent,
      method,
      path,
      headers: body === '' ? {} : length,
    });
    asked.on('error', reject);
    asked.on('response', (response) => {
      text(response).then((all) => resolve({ status: response.statusCode, body: all }), reject);
    });
    asked.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

const clientsOf = (server: TestServer, count = MANY): readonly Client[] =>
  Array.from({ length: count }, () => new Client(server));

/** A server each of whose threads has shown that it listens, by a session of its own. */
async function world(...flags: readonly string[]): Promise<TestServer> {
  const server = await startTestServer({ flags: [...FLAGS, ...flags] });
  await eventually('every thread listens', async () => {
    const clients = clientsOf(server);
    await Promise.all(clients.map((client) => client.query('SELECT 1')));
    const [client] = clients as [Client];
    const { body } = await client.query(SESSIONS);
    for (const one of clients) one.close();
    return Number((answersOf(body) as [{ n: number }])[0].n) >= THREADS;
  });
  return server;
}

async function metricsOf(server: TestServer): Promise<string> {
  const client = new Client(server);
  const { body } = await client.send('GET', '/metrics');
  client.close();
  return body;
}

async function gauge(server: TestServer, name: string): Promise<number> {
  const lines = (await metricsOf(server)).split('\n');
  return Number(lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? 0);
}

const answersOf = (body: string): unknown => (JSON.parse(body) as { rows: unknown }).rows;

test('a connection goes on whatever comes on it', async (t) => {
  const server = await world();
  t.teardown(() => server.stop());
  const clients = clientsOf(server);
  await Promise.all(
    clients.map(async (client, n) => {
      t.deepEqual(answersOf((await client.query(`SELECT ${n} AS n`)).body), [{ n }]);
      t.is((await client.send('GET', '/health/live')).body, '{"status":"alive"}');
      t.deepEqual(answersOf((await client.query(`SELECT ${n} + 1 AS n`)).body), [{ n: n + 1 }]);
      t.is((await client.query('SELECT 1 +')).status, 400);
    }),
  );
  for (const client of clients) client.close();
  const fill = () => gauge(server, 'rustydb_lane_connections_entries');
  await eventually('nobody is on a lane', async () => (await fill()) === 0);
});

/** A connection on which nothing is said. */
function open({ httpPort }: TestServer): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect({ host: '127.0.0.1', port: httpPort });
  socket.on('connect', () => resolve(socket));
  // One too many may be reset.
  socket.on('error', reject);
  return promise;
}

/** What a client is answered that sends all at once and then reads slowly. */
async function slowly(server: TestServer, sent: string): Promise<string> {
  const socket = await open(server);
  socket.write(sent);
  const parts: Buffer[] = [];
  const ended = new Promise((resolve) => socket.on('close', resolve));
  await eventually('the server waits', async () => socket.readableLength > 0);
  socket.on('data', (part: Buffer) => parts.push(part));
  await ended;
  return Buffer.concat(parts).toString();
}

test('a connection changes its thread behind its last answer', async (t) => {
  const server = await world();
  t.teardown(() => server.stop());
  const body = JSON.stringify({ sql: "SELECT repeat('x', 8000000) AS long" });
  const query =
    'POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
    `Content-Length: ${body.length}\r\n\r\n${body}`;
  const last = 'GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => slowly(server, `${query}${query}${last}`)),
  );
  for (const answer of answers) {
    // Chunks end anywhere.
    const whole = answer.replaceAll(/\r\n[0-9a-f]+\r\n/g, '');
    t.deepEqual(
      whole.split('"long":"').map((part) => part.indexOf('"')),
      [whole.indexOf('"'), 8_000_000, 8_000_000],
    );
    t.true(answer.endsWith('{"status":"alive"}'));
  }
});

test('a body that needs a closer look has it on every thread', async (t) => {
  const server = await world();
  t.teardown(() => server.stop());
  const clients = clientsOf(server);
  await Promise.all(
    clients.map(async (client) => {
      const ask = (body: unknown) => client.send('POST', '/api/v1/query', JSON.stringify(body));
      const sql = 'SELECT n FROM generate_series(1, 9) g(n)';
      t.deepEqual(answersOf((await ask({ sql, maxRows: 1 })).body), [{ n: 1 }]);
      const wrong = await ask({ sql, maxRowz: 1 });
      t.is(wrong.status, 400);
      t.regex(wrong.body, /maxRows/);
    }),
  );
  for (const client of clients) client.close();
});

test('what all threads answer is counted as one', async (t) => {
  const server = await world();
  t.teardown(() => server.stop());
  const counted = 'method="POST",endpoint="/query"';
  const ok = () => gauge(server, `rustydb_api_requests_total{${counted},status="200"}`);
  const failed = () => gauge(server, 'rustydb_api_errors_total{type="SYNTAX_ERROR"}');
  const durations = () => gauge(server, `rustydb_api_request_duration_seconds_count{${counted}}`);
  const before = [await ok(), await failed(), await durations()];
  const clients = clientsOf(server);
  await Promise.all(clients.map((client) => client.query('SELECT 1')));
  await Promise.all(clients.map((client) => client.query('SELECT 1 +')));
  const after = [await ok(), await failed(), await durations()];
  t.deepEqual(
    after.map((value, at) => value - (before[at] ?? 0)),
    [MANY, MANY, 2 * MANY],
  );
  for (const client of clients) client.close();
});

test('what runs on any thread is listed and can be cancelled', async (t) => {
  const server = await world();
  t.teardown(() => server.stop());
  const clients = clientsOf(server);
  const running = clients.map((client, n) => client.query(`SELECT pg_sleep(600), ${n}`));
  const asking = new Client(server);
  const list = async (): Promise<readonly { id: string; sql: string }[]> =>
    JSON.parse((await asking.send('GET', '/api/v1/queries?limit=100')).body).items;
  await eventually('all are listed', async () => (await list()).length === MANY);
  for (const { id } of await list()) {
    t.is((await asking.send('DELETE', `/api/v1/queries/${id}`)).status, 204);
  }
  for (const { status, body } of await Promise.all(running)) {
    t.is(status, 499);
    t.regex(body, /CANCELLED/);
  }
  t.deepEqual(await list(), []);
  t.is((await asking.send('DELETE', '/api/v1/queries/none')).status, 404);
  for (const client of [...clients, asking]) client.close();
});

test('all threads together have no more sessions than the pool, and who waits has one', async (t) => {
  const server = await world(...THREE_SESSIONS);
  t.teardown(() => server.stop());
  const clients = clientsOf(server);
  const total = () => gauge(server, 'rustydb_pool_total_connections{pool="default"}');
  const answers = clients.map((client, n) => client.query(`SELECT pg_sleep(0.02), ${n} AS n`));
  t.true((await total()) <= 3);
  for (const [n, { body }] of (await Promise.all(answers)).entries()) {
    t.like(answersOf(body), [{ n }], body);
  }
  t.true((await total()) <= 3);
  t.is(await gauge(server, 'rustydb_pool_active_connections{pool="default"}'), 0);
  t.is(await gauge(server, 'rustydb_pool_wait_queue_size{pool="default"}'), 0);
  for (const client of clients) client.close();
});

test('connections too many make room: the longest idle are closed, on every thread', async (t) => {
  const most = 2 * MANY;
  const server = await world('--network.max_connections', String(most));
  t.teardown(() => server.stop());
  let closed = 0;
  const sockets = await Promise.all(
    Array.from({ length: most + 20 }, async () => {
      const socket = await open(server);
      socket.on('close', () => {
        closed += 1;
      });
      socket.resume();
      return socket;
    }),
  );
  await eventually('those too many are closed', async () => closed >= 20);
  const client = new Client(server);
  t.is((await client.query('SELECT 1')).status, 200);
  client.close();
  t.true(closed < most);
  for (const socket of sockets) socket.destroy();
});

test('connections with a request in work have a cap on all threads together', async (t) => {
  const server = await world('--api.max_connections', String(MANY));
  t.teardown(() => server.stop());
  const clients = clientsOf(server);
  const running = clients.map((client) => client.query('SELECT pg_sleep(600)'));
  const sleepers =
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE query LIKE '%sleep(600)%'";
  const watcher = connection(server.port);
  await watcher.connect();
  await eventually('all are in work', async () => (await watcher.query(sleepers)).rows[0].n > MANY);
  const late = clientsOf(server);
  for (const client of late) {
    const { status, body } = await client.query('SELECT 1');
    t.is(status, 503);
    t.regex(body, /"code":"SERVICE_UNAVAILABLE"/);
  }
  for (const client of clients) client.close();
  await Promise.allSettled(running);
  await eventually('there is room again', async () => {
    const client = new Client(server);
    const { status } = await client.query('SELECT 1').catch(() => ({ status: 0 }));
    client.close();
    return status === 200;
  });
  await watcher.end();
  for (const client of late) client.close();
});

test('a server that stops answers first what runs', async (t) => {
  const server = await world();
  const clients = clientsOf(server);
  const answers = clients.map((client, n) => client.query(`SELECT pg_sleep(1), ${n} AS n`));
  const asking = new Client(server);
  const running = async (): Promise<number> =>
    JSON.parse((await asking.send('GET', '/api/v1/queries?limit=100')).body).items.length;
  await eventually('all run', async () => (await running()) === MANY);
  asking.close();
  const code = server.stop();
  for (const [n, { status, body }] of (await Promise.all(answers)).entries()) {
    t.is(status, 200);
    t.like(answersOf(body), [{ n }], body);
  }
  t.is(await code, 0);
  for (const client of clients) client.close();
});
