// How slow a client may be, with a clock of ours.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { HttpConnection } from '../../../ts/rest/http-connection.ts';
import { systemClock } from '../../../ts/util/clock.ts';
import { SharedCount } from '../../../ts/util/shared-count.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n';

/** One client, and its connection as the server has it. */
async function world(t: ExecutionContext) {
  const time = { nowMs: 0, isPressed: false };
  const inWork = SharedCount.alone(9);
  const refused: string[] = [];
  const asked: { request: IncomingMessage; response: ServerResponse }[] = [];
  let connection: HttpConnection | undefined;
  const server = createServer((request, response) => {
    connection?.begin(request, response);
    asked.push({ request, response });
  });
  server.on('connection', (socket: Socket) => {
    connection = new HttpConnection({
      socket,
      origin: { id: 'h0-1', openedMs: 0 },
      clock: { ...systemClock, monotonicMs: () => time.nowMs },
      patience: {
        headerTimeoutMs: 15_000,
        progressTimeoutMs: 30_000,
        minBodyRate: 240,
        isPressed: () => time.isPressed,
      },
      inWork,
      onRefused: ({ code }) => refused.push(code),
    });
    socket.once('close', () => connection?.close());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  client.on('error', () => undefined);
  await Promise.all([once(client, 'connect'), once(server, 'connection')]);
  const theConnection = connection as unknown as HttpConnection;
  return {
    time,
    client,
    connection: theConnection,
    inWork,
    refused,
    asked,
    /** Sends bytes, and waits until the server has them. */
    async send(text: string): Promise<void> {
      const before = theConnection.report().bytesReceived;
      client.write(text);
      while (theConnection.report().bytesReceived < before + text.length) {
        await new Promise(setImmediate);
      }
      await new Promise(setImmediate);
    },
    /** Time passes, the server looking each second. */
    async pass(seconds: number): Promise<void> {
      for (let second = 0; second < seconds; second += 1) {
        time.nowMs += 1000;
        theConnection.sweep(time.nowMs);
      }
      await new Promise(setImmediate);
    },
  };
}

async function answerOf(client: Socket): Promise<string> {
  let text = '';
  client.on('data', (part: Buffer) => {
    text += part.toString();
  });
  await once(client, 'close');
  return text;
}

test('a body that pauses for too long is answered 408', async (t) => {
  const { client, connection, send, pass, asked, refused } = await world(t);
  await send(HEAD + 'x'.repeat(100_000));
  asked[0]?.request.resume();
  t.is(connection.state, 'receiving');
  await pass(0);
  // The first look sees that something came.
  await pass(30);
  t.deepEqual(refused, []);
  await pass(1);
  t.deepEqual(refused, ['TIMEOUT']);
  const answer = await answerOf(client);
  t.regex(answer, /^HTTP\/1\.1 408 Request Timeout\r\nX-Request-Id: .*Connection: close\r\n\r\n/s);
  t.regex(answer, /\{"error":\{"code":"TIMEOUT","message":"the body of the request timed out/);
});

test('a body that trickles is answered 408, one that keeps its rate is not', async (t) => {
  const { send, pass, asked, refused } = await world(t);
  await send(HEAD);
  asked[0]?.request.resume();
  for (let second = 0; second < 60; second += 1) {
    await send('x'.repeat(240));
    await pass(1);
  }
  t.deepEqual(refused, []);
  await send('x');
  await pass(1);
  t.deepEqual(refused, ['TIMEOUT']);
});

test('a head that is late is refused unless it is there by the next look', async (t) => {
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  const { client, connection, pass, refused, send } = await world(t);
  connection.refuse(late);
  await send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await pass(9);
  t.deepEqual(refused, []);
  const other = await world(t);
  other.connection.refuse(late);
  await other.pass(1);
  t.deepEqual(other.refused, []);
  await other.pass(1);
  t.deepEqual(other.refused, ['TIMEOUT']);
  client.destroy();
});

test('time that the server was busy elsewhere is not the client’s', async (t) => {
  const { connection, send, asked, refused, pass } = await world(t);
  await send(HEAD);
  asked[0]?.request.resume();
  await pass(0);
  connection.sweep(1_000_000);
  t.deepEqual(refused, []);
});

test('a client whose body waits for the server is not slow', async (t) => {
  const { send, pass, refused, connection } = await world(t);
  await send(`${HEAD}some of it, which nobody reads`);
  await pass(600);
  t.deepEqual(refused, []);
  t.is(connection.idleSinceMs, undefined);
});

test('an answer that its client does not take ends, a statement that runs does not', async (t) => {
  const { client, send, pass, asked } = await world(t);
  client.pause();
  await send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await pass(600);
  t.false(client.destroyed);
  asked[0]?.response.end('x'.repeat(30_000_000));
  await new Promise(setImmediate);
  await pass(31);
  t.true(asked[0]?.request.socket.destroyed);
});

test('an answer that its client does not take ends soon where others wait for sessions', async (t) => {
  const { client, send, pass, asked, time } = await world(t);
  client.pause();
  time.isPressed = true;
  await send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await pass(60);
  asked[0]?.response.end('x'.repeat(30_000_000));
  await new Promise(setImmediate);
  t.false(asked[0]?.request.socket.destroyed);
  await pass(3);
  t.true(asked[0]?.request.socket.destroyed);
});

test('in work is what is complete and not answered; idle is what waits for its client', async (t) => {
  const { connection, inWork, send, asked, pass } = await world(t);
  t.is(connection.idleSinceMs, 0);
  await pass(5);
  await send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  t.is(inWork.own, 1);
  t.is(connection.state, 'working');
  t.is(connection.idleSinceMs, undefined);
  asked[0]?.response.end();
  while (inWork.own > 0) await new Promise(setImmediate);
  t.is(connection.idleSinceMs, 5000);
  await send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n');
  asked[1]?.request.resume();
  t.is(connection.state, 'receiving');
  t.is(inWork.own, 0);
  t.is(connection.idleSinceMs, 5000);
  await send('xx');
  t.is(inWork.own, 1);
  t.is(connection.idleSinceMs, undefined);
});
