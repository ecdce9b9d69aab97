import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import test from 'ava';
import { ExpressLane } from '../../../ts/rest/lane/express-lane.ts';
import type { LaneRequest } from '../../../ts/rest/lane/lane-connection.ts';
import { systemClock } from '../../../ts/util/clock.ts';
import { SharedCount } from '../../../ts/util/shared-count.ts';

const REQUEST =
  'POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
  'Content-Length: 2\r\n\r\n{}';

/** A lane whose time is ours, and one client of it; answers wait for `release`. */
async function world(maxConnections = 1, release: Promise<void> = Promise.resolve()) {
  const time = { nowMs: 0, sweeps: true, sweep: (): void => undefined };
  const asked: LaneRequest[] = [];
  const inWork = SharedCount.alone(1);
  const lane = new ExpressLane({
    clock: {
      ...systemClock,
      monotonicMs: () => time.nowMs,
      every: (_periodMs, callback) => {
        time.sweep = callback;
        return {
          cancel: () => {
            time.sweeps = false;
          },
        };
      },
    },
    thread: 0,
    patience: { headerTimeoutMs: 15_000, progressTimeoutMs: 30_000, minBodyRate: 240 },
    maxConnections,
    inWork,
    count: SharedCount.alone(maxConnections),
    answer: (request, response) => {
      asked.push(request);
      void release.then(() => {
        response.writeHead(200, ['Content-Length', '2']);
        response.end('ok', 'latin1');
      });
    },
  });
  const handed: Buffer[] = [];
  const taken: boolean[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
    taken.push(lane.take(socket, { id: 'h0-1', openedMs: 0 }, (bytes) => handed.push(bytes)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  return { lane, inWork, time, client, server, port, asked, handed, taken };
}

test('a connection on which nothing comes is closed, one that was used later', async (t) => {
  const { lane, time, client, server } = await world();
  t.teardown(() => server.close());
  time.nowMs = 14_999;
  time.sweep();
  t.is(lane.fill().size, 1);
  client.write(REQUEST);
  const [answer] = (await once(client, 'data')) as [Buffer];
  t.regex(answer.toString(), /^HTTP\/1\.1 200 OK\r\n.*\r\nKeep-Alive: timeout=65\r\n\r\nok$/s);
  time.nowMs += 64_999;
  time.sweep();
  t.is(lane.fill().size, 1);
  time.nowMs += 1;
  time.sweep();
  await once(client, 'close');
  t.is(lane.fill().size, 0);
});

test('a full lane takes no more', async (t) => {
  const { lane, server, port, client, taken } = await world(1);
  t.teardown(() => server.close());
  const second = connect(port, '127.0.0.1');
  await once(server, 'connection');
  t.deepEqual(taken, [true, false]);
  t.is(lane.fill().overflows, 1);
  lane.destroyAll();
  second.destroy();
  await once(client, 'close');
});

test('what leaves the lane is handed over with its bytes, and is the lane’s no more', async (t) => {
  const { lane, client, server, handed } = await world();
  t.teardown(() => server.close());
  client.write('GET / HTTP/1.1\r\n');
  while (handed.length === 0) await new Promise(setImmediate);
  t.is(handed[0]?.toString(), 'GET / HTTP/1.1\r\n');
  t.is(lane.fill().size, 0);
  client.destroy();
});

test('a lane that stops closes what is idle', async (t) => {
  const { lane, time, client, server } = await world();
  t.teardown(() => server.close());
  client.resume();
  lane.stopAccepting();
  await once(client, 'close');
  // The server's side closes once it has seen the client's.
  while (lane.fill().size > 0) await new Promise(setImmediate);
  t.false(time.sweeps);
});

test('a lane that stops answers first what has come, and says that it closes', async (t) => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { lane, client, server, asked } = await world(1, promise);
  t.teardown(() => server.close());
  let text = '';
  client.on('data', (part: Buffer) => {
    text += part.toString();
  });
  client.write(REQUEST + REQUEST);
  while (asked.length === 0) await new Promise(setImmediate);
  resolve();
  await promise;
  // The first is answered, the second waits for its turn.
  lane.stopAccepting();
  await once(client, 'close');
  t.deepEqual(text.match(/Connection: [-a-z]+/g), ['Connection: keep-alive', 'Connection: close']);
});
