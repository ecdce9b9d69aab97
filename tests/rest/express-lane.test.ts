// Connections on the express lane: what is plain is answered there, in order, and the first request
// that is not goes over to node:http with its connection. A header that the lane does not know makes
// the other way.
import { connect } from 'node:net';
import test from 'ava';
import { eventually } from '../support/eventually.ts';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer();
test.after.always(() => server.stop());

const request = (sql: string, headers: readonly string[] = []): Buffer => {
  const body = Buffer.from(JSON.stringify({ sql }));
  const head = [
    'POST /api/v1/query HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    'X-Request-Id: the-same',
    `Content-Length: ${body.length}`,
    ...headers,
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
};
/** Answered by node:http, which then closes. */
const LAST = Buffer.from(
  'GET /health/live HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: last\r\nConnection: close\r\n\r\n',
);

/** What the server answers until it closes; pieces go out one by one. */
function talk(...pieces: readonly Buffer[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const parts: Buffer[] = [];
  const socket = connect({ host: '127.0.0.1', port: server.httpPort, noDelay: true });
  socket.on('data', (part: Buffer) => parts.push(part));
  socket.on('error', reject);
  socket.on('close', () => resolve(Buffer.concat(parts).toString('utf8')));
  socket.on('connect', async () => {
    for (const piece of pieces) {
      socket.write(piece);
      await new Promise((done) => setTimeout(done, 5));
    }
  });
  return promise;
}

/** What differs from one answer to the next. */
const comparable = (text: string): string =>
  text
    .replace(/^Date: .*\r\n/gm, '')
    .replace(/"executionTimeMs":[\d.]+,"queryId":"[^"]*"/g, '')
    .replace(/^Content-Length: \d+\r\n/gm, '');

const rowsOf = (text: string): readonly string[] =>
  [...text.matchAll(/"rows":(\[.*?\]),"rowCount"/g)].map(([, rows]) => rows ?? '');

const CASES: Readonly<Record<string, string>> = {
  'a row': 'SELECT 1 AS n',
  'text beyond ASCII': "SELECT 'Grüße, 日本 🙂' AS t",
  'a statement without rows': 'CREATE TABLE IF NOT EXISTS nothing (a int)',
  'a syntax error': 'SELECT 1 +',
  'an error beyond ASCII': 'SELECT "größe"',
};

for (const [name, sql] of Object.entries(CASES)) {
  test(`both ways give the same bytes: ${name}`, async (t) => {
    const [lane, other] = [
      await talk(request(sql), LAST),
      await talk(request(sql, ['X-Other: 1']), LAST),
    ];
    t.is(comparable(lane), comparable(other));
    t.regex(lane, /^HTTP\/1\.1 (200 OK|400 Bad Request)\r\nX-Request-Id: the-same\r\n/);
  });
}

test('a long answer is chunked, and whole', async (t) => {
  const answer = await talk(request('SELECT n FROM generate_series(1, 50000) g(n)'), LAST);
  t.regex(answer, /\r\nTransfer-Encoding: chunked\r\n\r\n[0-9a-f]+\r\n\{"columns"/);
  const body = answer.slice(answer.indexOf('\r\n\r\n') + 4, answer.indexOf('\r\n0\r\n\r\n'));
  // Ends of chunks stand between rows and within them.
  const text = body.replace(/(?:^|\r\n)[0-9a-f]+\r\n/g, '');
  const { rows } = JSON.parse(text) as { rows: readonly { readonly n: number }[] };
  t.deepEqual(
    rows.map(({ n }) => n),
    Array.from({ length: 50000 }, (_, at) => at + 1),
  );
});

test('requests that come at once are answered in order', async (t) => {
  const sent = Array.from({ length: 50 }, (_, n) => request(`SELECT ${n} AS n`));
  const answer = await talk(Buffer.concat([...sent, LAST]));
  t.deepEqual(
    rowsOf(answer),
    sent.map((_, n) => `[{"n":${n}}]`),
  );
  t.true(answer.endsWith('{"status":"alive"}'));
});

test('a request that comes while another runs waits for it', async (t) => {
  const answer = await talk(request('SELECT pg_sleep(0.1)'), request('SELECT 2 AS n'), LAST);
  t.deepEqual(rowsOf(answer)[1], '[{"n":2}]');
});

test('a request cut anywhere is answered once', async (t) => {
  const whole = request('SELECT 3 AS n');
  const cuts = [1, 4, 20, 28, 60, whole.length - 20, whole.length - 1];
  for (const cut of cuts) {
    const answer = await talk(whole.subarray(0, cut), whole.subarray(cut), LAST);
    t.deepEqual(rowsOf(answer), ['[{"n":3}]'], `cut at ${cut}`);
  }
});

test('a client that goes away stops its statement', async (t) => {
  const socket = connect({ host: '127.0.0.1', port: server.httpPort });
  socket.on('connect', () => socket.write(request('SELECT pg_sleep(600) AS lane_sleeper')));
  const isActive = async (): Promise<boolean> => {
    const answer = await fetch(`http://127.0.0.1:${server.httpPort}/api/v1/queries`);
    return (await answer.text()).includes('lane_sleeper');
  };
  await eventually('it runs', isActive);
  socket.destroy();
  await eventually('it has stopped', async () => !(await isActive()));
  t.pass();
});
