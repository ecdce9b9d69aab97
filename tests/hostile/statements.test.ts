// Statements made to break the server: each is answered, and the session goes on.
import test, { type ExecutionContext } from 'ava';
import pg from 'pg';
import { connection } from '../support/connection.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MEBIBYTE = 1024 * 1024;
let server: TestServer;

test.before(async () => {
  server = await startTestServer({ flags: ['--data.buffer_pool_bytes', '64MiB'] });
});

test.after.always(async () => {
  await server?.stop();
});

/** The SQLSTATE of each statement's error, the value of its only row's only column otherwise. */
async function answers(statements: readonly string[]): Promise<readonly unknown[]> {
  const client = connection(server.port);
  await client.connect();
  const found: unknown[] = [];
  for (const text of statements) {
    try {
      const { rows } = await client.query({ text, rowMode: 'array' });
      found.push(rows[0]?.[0]);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      found.push(error.code);
    }
  }
  await client.end();
  return found;
}

async function answersAre(
  t: ExecutionContext,
  wanted: readonly (readonly [string, unknown])[],
): Promise<void> {
  const found = await answers(wanted.map(([statement]) => statement));
  wanted.forEach(([statement, answer], at) => {
    t.deepEqual(found[at], answer, statement.slice(0, 100));
  });
}

const nested = (open: string, close: string, depth: number) =>
  `SELECT ${open.repeat(depth)}1${close.repeat(depth)}`;

/** Each reads the one before. */
function withQueries(count: number): string {
  const query = (at: number) => (at === 0 ? '(SELECT 1) AS z' : `c${at - 1}`);
  return Array.from({ length: count }, (_, at) => `c${at} AS (SELECT * FROM ${query(at)})`).join();
}

const fromItems = (count: number) =>
  Array.from({ length: count }, (_, at) => `(SELECT 1) AS f${at}`).join();

test('nesting: 100,000 levels are an error, of parentheses and of all else', async (t) => {
  await answersAre(t, [
    [nested('(', ')', 1000), 1],
    [nested('(', ')', 100_000), '42601'],
    [nested('abs(', ')', 100_000), '42601'],
    [nested('(SELECT ', ')', 100_000), '42601'],
    [nested('ARRAY[', ']', 100_000), '42601'],
    [nested('CASE WHEN true THEN ', ' END', 100_000), '42601'],
    [`SELECT ${'NOT '.repeat(100_000)}true`, '42601'],
    [`SELECT ${'- '.repeat(100_001)}1`, '42601'],
    [`SELECT 1${' + 1'.repeat(100_000)}`, '54001'],
    [`SELECT '${'['.repeat(100_000)}'::json`, '54001'],
    [`SELECT '${'['.repeat(100_000)}'::jsonb`, '54001'],
    [`SELECT '${'{'.repeat(100_000)}'::int[]`, '54000'],
    [`SELECT true${' AND true'.repeat(100_000)}`, true],
    [`SELECT 1${' UNION ALL SELECT 1'.repeat(1000)}`, 1],
    [`SELECT 1${' UNION ALL SELECT 1'.repeat(20_000)}`, '54001'],
    [`SELECT 1 FROM ${fromItems(5000)}`, '54001'],
    [`WITH ${withQueries(5000)} SELECT * FROM c4999`, '54001'],
    ['SELECT 7', 7],
  ]);
});

test('length: a statement of 16 MiB is run, a longer one refused', async (t) => {
  const fixed = "SELECT length('')".length;
  const text = (bytes: number) => `SELECT length('${'x'.repeat(bytes - fixed)}')`;
  await answersAre(t, [
    [text(16 * MEBIBYTE), 16 * MEBIBYTE - fixed],
    [text(16 * MEBIBYTE + 1), '54000'],
    [`SELECT 1${' '.repeat(16 * MEBIBYTE)}`, '54000'],
    ['SELECT 7', 7],
  ]);
});

test('length: a message beyond network.max_message_bytes ends the connection', async (t) => {
  const client = connection(server.port);
  await client.connect();
  const text = `SELECT '${'x'.repeat(64 * MEBIBYTE)}'`;
  await t.throwsAsync(client.query(text));
  t.deepEqual(await answers(['SELECT 7']), [7]);
});

test('numbers too large are 22003', async (t) => {
  const nines = '9'.repeat(20);
  await answersAre(t, [
    [`SELECT ${nines}::bigint`, '22003'],
    [`SELECT '${nines}'::bigint`, '22003'],
    ["SELECT '32768'::smallint", '22003'],
    ['SELECT 2147483647 + 1', '22003'],
    ['SELECT 9223372036854775807 * 2', '22003'],
    ['SELECT (-32768)::smallint / (-1)::smallint', '22003'],
    ['SELECT (-2147483648) / (-1)', '22003'],
    ["SELECT '1e400'::float8", '22003'],
    ["SELECT '1e40'::real", '22003'],
    ['SELECT 1e308::float8 * 1e308::float8', '22003'],
    ["SELECT '1e200000'::numeric", '22003'],
    ["SELECT 10::numeric ^ '200000'::numeric", '22003'],
    ["SELECT '123456'::numeric(5, 2)", '22003'],
    [`SELECT ('${'9'.repeat(131_073)}')::numeric`, '22003'],
    [`SELECT $${nines}`, '42601'],
    [`SELECT 1 LIMIT ${nines}`, '22003'],
    ["SELECT '294277-01-01'::timestamp", '22008'],
    ["SELECT 'infinity'::interval", '22007'],
    ["SELECT repeat('x', 2147483647)", '54000'],
    ["SELECT lpad('x', 2147483647)", '54000'],
    ['SELECT factorial(100000)', '22003'],
    ['SELECT 7', 7],
  ]);
});

test('answers too large for the memory that a statement may use are 53200', async (t) => {
  const wide = "SELECT repeat('x', 100000) AS x FROM generate_series(1, 1000000)";
  await answersAre(t, [
    [`SELECT length(string_agg(x, '')) FROM (${wide}) AS wide`, '53200'],
    ['SELECT 7', 7],
  ]);
});

test('a sort that is larger than the memory of a statement goes to disk', async (t) => {
  const wide = "SELECT repeat('x', 100000) || x AS x FROM generate_series(1, 4000) AS x";
  await answersAre(t, [
    [`SELECT count(*) FROM (${wide} ORDER BY 1 DESC) AS sorted`, '4000'],
    ['SELECT 7', 7],
  ]);
});

test('invalid UTF-8 and NUL made by functions are refused', async (t) => {
  await answersAre(t, [
    ['SELECT chr(0)', '54000'],
    ["SELECT convert_from('\\xff', 'UTF8')", '22021'],
    ["SELECT convert_from('\\x610062', 'UTF8')", '22021'],
    ["SELECT E'\\xff'", '22021'],
    ["SELECT E'a\\000b'", '22021'],
    ['SELECT \'"\\u0000"\'::jsonb', '22P05'],
    ['SELECT 7', 7],
  ]);
});
