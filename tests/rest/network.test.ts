// Doors, connections and filters over HTTP, on every thread: which of them has a connection is chance.
import { connect, type Socket } from 'node:net';
import test from 'ava';
import { connection } from '../support/connection.ts';
import { eventually } from '../support/eventually.ts';
import { assertFails, type RestServer, startRestServer } from '../support/rest-client.ts';

const MANY = 24;
const PLAIN =
  'POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
  'Content-Length: 23\r\nConnection: close\r\n\r\n{"sql":"SELECT 1 AS n"}';

async function world(...flags: readonly string[]): Promise<RestServer> {
  return startRestServer({ flags: ['--network.front_threads', '4', ...flags] });
}

function open(port: number): Promise<Socket> {
  const { promise, resolve } = Promise.withResolvers<Socket>();
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  socket.on('connect', () => resolve(socket));
  return promise;
}

interface Listed {
  readonly id: string;
  readonly protocol: string;
  readonly thread: number;
  readonly state: string;
  readonly clientAddress: string;
}

const listOf = async (rest: RestServer): Promise<readonly Listed[]> =>
  (await rest.request('/network/connections?limit=1000')).body.items;

test('the connections of all threads and doors are listed, and each can be closed', async (t) => {
  const rest = await world();
  t.teardown(() => rest.stop());
  const { httpPort, port } = rest.server;
  const sockets = await Promise.all(Array.from({ length: MANY }, () => open(httpPort)));
  const clients = Array.from({ length: MANY }, () => connection(port));
  for (const client of clients) {
    client.on('error', () => undefined);
    await client.connect();
  }
  const addresses = sockets.map(({ localPort }) => `127.0.0.1:${localPort}`);
  await eventually('all are listed', async () => {
    const all = await listOf(rest);
    return addresses.every((address) => all.some((one) => one.clientAddress === address));
  });
  const all = await listOf(rest);
  t.true(new Set(all.map(({ thread }) => thread)).size > 1);
  t.is(new Set(all.map(({ id }) => id)).size, all.length);
  t.is(all.filter(({ protocol }) => protocol === 'postgresql').length, MANY);
  const { body: status } = await rest.request('/network/status');
  t.like(status.doors[0], { protocol: 'postgresql', port, connections: MANY, isOpen: true });
  t.like(status.doors[1], { protocol: 'http', port: httpPort });
  const ours = all.filter(({ state }) => state !== 'working');
  for (const { id } of ours) {
    t.is((await rest.request(`/network/connections/${id}`, { method: 'DELETE' })).status, 204, id);
  }
  const ids = ours.map(({ id }) => id);
  await eventually('they are closed', async () =>
    (await listOf(rest)).every(({ id }) => !ids.includes(id)),
  );
  t.true(sockets.every((socket) => socket.destroyed || socket.readableEnded));
  assertFails(t, await rest.request('/network/connections/none'), 404, 'NOT_FOUND');
  const gone = await rest.request('/network/connections/none', { method: 'DELETE' });
  assertFails(t, gone, 404, 'NOT_FOUND');
});

test('a connection keeps its id when it changes its thread', async (t) => {
  const rest = await world();
  t.teardown(() => rest.stop());
  const sockets = await Promise.all(Array.from({ length: MANY }, () => open(rest.server.httpPort)));
  const addresses = sockets.map(({ localPort }) => `127.0.0.1:${localPort}`);
  const idsOf = async () => {
    const all = await listOf(rest);
    return addresses.map((address) => all.find((one) => one.clientAddress === address)?.id);
  };
  await eventually('all are listed', async () => (await idsOf()).every((id) => id !== undefined));
  const before = await idsOf();
  for (const socket of sockets)
    socket.write('GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await eventually('the main thread has all', async () => {
    const all = await listOf(rest);
    return addresses.every((address) =>
      all.some((one) => one.clientAddress === address && one.thread === 0),
    );
  });
  t.deepEqual(await idsOf(), before);
  for (const socket of sockets) socket.destroy();
});

test('an address is kept out and let in again, by every door, on every thread', async (t) => {
  const rest = await world('--network.listen_addr', '127.0.0.1');
  t.teardown(() => rest.stop());
  const post = (addresses: string, action: string) =>
    rest.request('/gateway/filters', { method: 'POST', body: { addresses, action } });
  // Who asks comes from 127.0.0.1; others come from elsewhere on the same machine.
  const from = (localAddress: string, port: number) =>
    new Promise<string>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port, localAddress });
      let text = '';
      socket.on('error', () => undefined);
      socket.on('connect', () => {
        const isHttp = port === rest.server.httpPort;
        socket.write(isHttp ? PLAIN : Buffer.from('0000000804d2162f', 'hex'));
      });
      socket.on('data', (part: Buffer) => {
        text += part.toString('latin1');
        if (port !== rest.server.httpPort) socket.destroy();
      });
      socket.on('close', () => resolve(text));
    });
  const answersFrom = (address: string, port: number) =>
    Promise.all(Array.from({ length: MANY }, () => from(address, port)));

  const { body: made } = await post('127.0.7.9/24', 'deny');
  t.like(made, { addresses: '127.0.7.0/24', action: 'deny', source: 'api' });
  await post('127.0.7.1', 'allow');
  for (const answer of await answersFrom('127.0.7.5', rest.server.httpPort)) {
    t.regex(answer, /^HTTP\/1\.1 403 .*"code":"AUTHORIZATION_FAILED".*127\.0\.7\.5/s);
  }
  for (const answer of await answersFrom('127.0.7.5', rest.server.port)) {
    t.regex(answer, /28000/);
  }
  for (const answer of await answersFrom('127.0.7.1', rest.server.httpPort)) {
    t.regex(answer, /^HTTP\/1\.1 200 /);
  }
  t.true((await rest.request('/network/status')).body.refusedByFilters >= 0);
  const { body: list } = await rest.request('/gateway/filters');
  t.is(list.total, 2);
});

test('filters say what is wrong with them, and nobody shuts out himself', async (t) => {
  const rest = await world('--network.deny_addresses', '192.0.2.0/24, 2001:db8::/32');
  t.teardown(() => rest.stop());
  const post = (addresses: string, action: string) =>
    rest.request('/gateway/filters', { method: 'POST', body: { addresses, action } });
  assertFails(t, await post('10.0.0.0/33', 'deny'), 400, 'VALIDATION_ERROR');
  assertFails(t, await post('somewhere', 'deny'), 400, 'VALIDATION_ERROR');
  const own = assertFails(t, await post('127.0.0.0/8', 'deny'), 400, 'VALIDATION_ERROR');
  t.regex(String(own.message), /would keep out 127\.0\.0\.1/);
  assertFails(t, await post('10.0.0.0/8', 'allow'), 400, 'VALIDATION_ERROR');
  assertFails(t, await post('192.0.2.1/24', 'deny'), 409, 'ALREADY_EXISTS');
  const { body } = await rest.request('/gateway/filters');
  t.deepEqual(
    body.items.map(({ addresses, source }: Record<string, string>) => [addresses, source]),
    [
      ['192.0.2.0/24', 'configuration'],
      ['2001:db8::/32', 'configuration'],
    ],
  );
  const fixed = await rest.request(`/gateway/filters/${body.items[0].id}`, { method: 'DELETE' });
  assertFails(t, fixed, 412, 'PRECONDITION_FAILED');
});

test('an address opens no more connections a second than it may', async (t) => {
  const rest = await world('--network.connection_rate', '5');
  t.teardown(() => rest.stop());
  const { httpPort, port } = rest.server;
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, at) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = connect({ host: '127.0.0.1', port: at % 2 === 0 ? httpPort : port });
      let text = '';
      // Those that are let in say nothing, and leave.
      socket.on('connect', () => setTimeout(() => socket.end(), 200));
      socket.on('data', (part: Buffer) => {
        text += part.toString('latin1');
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      return promise;
    }),
  );
  const http = answers.filter((answer) => answer.startsWith('HTTP/1.1 429 '));
  t.true(http.length > 0);
  t.regex(http[0] ?? '', /\r\nRetry-After: \d+\r\n.*"code":"RATE_LIMIT_EXCEEDED"/s);
  t.true(answers.some((answer) => answer.includes('53400')));
});

test('the SQL port takes no new connections while its protocol is off', async (t) => {
  const rest = await world();
  t.teardown(() => rest.stop());
  const set = (enabled: boolean) =>
    rest.request('/network/protocols', { method: 'PUT', body: { postgresql: { enabled } } });
  const before = connection(rest.server.port);
  await before.connect();
  t.false((await set(false)).body.items[1].enabled);
  await eventually('every thread refuses', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: MANY }, async () => {
        const client = connection(rest.server.port);
        client.on('error', () => undefined);
        const code = await client.connect().then(
          () => '',
          (error: { code?: string }) => error.code,
        );
        await client.end().catch(() => undefined);
        return code;
      }),
    );
    return outcomes.every((code) => code === '57P03');
  });
  t.is((await before.query('SELECT 1 AS n')).rows[0].n, 1);
  await before.end();
  t.true((await set(true)).body.items[1].enabled);
  await eventually('it is open again', async () => {
    const client = connection(rest.server.port);
    client.on('error', () => undefined);
    return client.connect().then(
      () => client.end().then(() => true),
      () => false,
    );
  });
});

test('circuit breakers are listed, changed, tripped, tested and reset', async (t) => {
  const rest = await world();
  t.teardown(() => rest.stop());
  const path = '/network/circuit-breakers/hook:orders';
  assertFails(t, await rest.request(path), 404, 'NOT_FOUND');
  const made = await rest.request(path, { method: 'PUT', body: { timeoutMs: 5 } });
  t.like(made.body, { name: 'hook:orders', state: 'closed' });
  t.is(made.body.policy.timeoutMs, 5);
  t.is(made.body.policy.failureThreshold, 5);
  const tripped = await rest.request(path, { method: 'PUT', body: { state: 'open' } });
  t.like(tripped.body, { state: 'open', isTripped: true, retryAfterMs: null });
  const { text } = await rest.request('/metrics');
  t.regex(text, /rustydb_circuit_breaker_state\{name="hook:orders"\} 2/);
  const tested = await rest.request(`${path}/test`, { method: 'POST' });
  t.like(tested.body, { probed: false, error: null });
  t.is(tested.body.breaker.state, 'half-open');
  t.is((await rest.request(`${path}/reset`, { method: 'POST' })).body.state, 'closed');
  const { body } = await rest.request(`${path}/history`);
  t.deepEqual(
    body.items.map(({ to }: { to: string }) => to),
    ['closed', 'half-open', 'open'],
  );
  const wrong = await rest.request(path, { method: 'PUT', body: { failureRatio: 2 } });
  assertFails(t, wrong, 400, 'VALIDATION_ERROR');
});
