// A query with a short body of known length goes a way of its own: its answers are those of the
// other way, which a body without a length takes.
import { type IncomingHttpHeaders, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import test from 'ava';
import { startTestServer } from '../support/server.ts';

const server = await startTestServer();
test.after.always(() => server.stop());

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
};

type Headers = Readonly<Record<string, string>>;

async function post(body: string, isShort: boolean, headers: Headers = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const length = isShort ? { 'content-length': Buffer.byteLength(body) } : {};
  const asked = request({
    host: '127.0.0.1',
    port: server.httpPort,
    path: '/api/v1/query',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...length, ...headers },
  });
  asked.on('error', reject);
  asked.on('response', (response) => {
    buffer(response).then((bytes) => {
      resolve({ status: response.statusCode, headers: response.headers, body: bytes });
    }, reject);
  });
  asked.write(body);
  asked.end();
  return promise;
}

/** What may differ: what is new with each request, how the length is told, and a needless Vary. */
function comparable({ status, headers, body }: Answer): unknown {
  const { date, etag, vary, 'content-length': length, 'transfer-encoding': how, ...rest } = headers;
  const decode = DECODERS[headers['content-encoding'] ?? ''];
  const raw = decode === undefined ? body : decode(body);
  const text = raw.toString('utf8').replace(/"(executionTimeMs|queryId)":("[^"]*"|[\d.]+)/g, '');
  return { status, headers: rest, text };
}

const id = { 'x-request-id': 'the-same' };
const SQL = (sql: string, params?: unknown[]): string => JSON.stringify({ sql, params });

const CASES: Readonly<Record<string, readonly [string, Headers?]>> = {
  'a row': [SQL('SELECT $1::int AS n, $2 AS t', [7, 'a'])],
  'text beyond ASCII': [SQL("SELECT 'Grüße, 日本 🙂' AS t")],
  'no rows': [SQL('SELECT 1 WHERE false')],
  'a definition': [SQL('CREATE TABLE IF NOT EXISTS nothing (a int)')],
  lines: [SQL('SELECT 1 AS a'), { accept: 'application/x-ndjson' }],
  'another format': [JSON.stringify({ sql: 'SELECT 1 AS a', format: 'columns' })],
  'many rows': [SQL('SELECT n FROM generate_series(1, 50000) g(n)')],
  'a syntax error': [SQL('SELECT 1 +')],
  'an error beyond ASCII': [SQL('SELECT "größe"')],
  'an error in the middle': [
    SQL('SELECT 1 / (50000 - n) AS x FROM generate_series(1, 60000) g(n)'),
  ],
  'an unknown key': ['{"sql": "SELECT 1", "parms": []}'],
  'parameters that are no list': ['{"sql": "SELECT 1", "params": {}}'],
  'an empty statement': ['{"sql": ""}'],
  'a list as the body': ['[]'],
  'null as the body': ['null'],
  'no JSON': ['{"sql":'],
  'a foreign host': [SQL('SELECT 1'), { host: 'example.com' }],
  'a foreign origin': [SQL('SELECT 1'), { origin: 'http://example.com' }],
  'a type that is not offered': [SQL('SELECT 1'), { accept: 'image/png' }],
  'a long answer, compressed': [SQL("SELECT repeat('x', 5000)"), { 'accept-encoding': 'gzip' }],
  'a long answer, as browsers would have it': [
    SQL("SELECT repeat('x', 5000)"),
    { 'accept-encoding': 'gzip, deflate, br, zstd' },
  ],
  'a long answer, by the oldest way': [
    SQL("SELECT repeat('ü', 500)"),
    { 'accept-encoding': 'deflate' },
  ],
  'a long answer, by no way that is offered': [
    SQL("SELECT repeat('x', 5000)"),
    { 'accept-encoding': 'zstd, identity' },
  ],
  'a long answer, with weights': [
    SQL("SELECT repeat('x', 5000)"),
    { 'accept-encoding': 'br;q=0.1, gzip' },
  ],
  'many rows, compressed': [
    SQL('SELECT n FROM generate_series(1, 50000) g(n)'),
    { 'accept-encoding': 'gzip, br' },
  ],
  'an error in the middle, compressed': [
    SQL('SELECT 1 / (50000 - n) AS x FROM generate_series(1, 60000) g(n)'),
    { 'accept-encoding': 'gzip' },
  ],
  'many lines': [
    SQL('SELECT n FROM generate_series(1, 5000) g(n)'),
    { accept: 'application/x-ndjson', 'accept-encoding': 'gzip' },
  ],
  'a long table': [
    SQL('SELECT n FROM generate_series(1, 5000) g(n)'),
    { accept: 'text/csv', 'accept-encoding': 'gzip' },
  ],
  'a long failure': [SQL(`SELECT ${'x'.repeat(2000)}`), { 'accept-encoding': 'gzip' }],
  'a short answer to who would have it compressed': [
    SQL('SELECT 1'),
    { 'accept-encoding': 'gzip' },
  ],
};

for (const [name, [body, headers = {}]] of Object.entries(CASES)) {
  test(`both ways answer the same: ${name}`, async (t) => {
    const all = { ...id, ...headers };
    const [short, long] = [await post(body, true, all), await post(body, false, all)];
    t.deepEqual(comparable(short), comparable(long));
    t.is(short.headers['x-request-id'], 'the-same');
  });
}

test('a short answer says its length', async (t) => {
  const { headers, body } = await post(SQL("SELECT 'ü' AS t"), true);
  t.is(headers['content-length'], String(body.length));
  t.is((JSON.parse(body.toString()) as { rowCount: number }).rowCount, 1);
});

test('requests of one connection follow each other, one that fails too', async (t) => {
  for (const sql of ['SELECT 1', 'SELECT 1/0', 'SELECT 2']) {
    t.is((await post(SQL(sql), true)).status, sql.includes('/') ? 400 : 200);
  }
});
