import test from 'ava';
import postgres from 'postgres';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

test('postgres.js: parameters, arrays, transactions, cursors, errors', async (t) => {
  const sql = postgres({
    host: '127.0.0.1',
    port: server.port,
    user: 'rustydb',
    database: 'rustydb',
    max: 2,
  });
  t.teardown(() => sql.end());
  await sql`CREATE TABLE items (id int PRIMARY KEY, name text, tags text[])`;
  await sql`INSERT INTO items VALUES (${1}, ${'one'}, ${['a', 'b']})`;
  t.deepEqual([...(await sql`SELECT * FROM items`)], [{ id: 1, name: 'one', tags: ['a', 'b'] }]);
  await sql.begin(async (inside) => {
    await inside`INSERT INTO items VALUES (2, 'two', NULL)`;
  });
  await t.throwsAsync(
    sql.begin(async (inside) => {
      await inside`INSERT INTO items VALUES (3, 'three', NULL)`;
      await inside`SELECT 1 / 0`;
    }),
    { code: '22012' },
  );
  const ids: number[] = [];
  await sql`SELECT id FROM items ORDER BY id`.cursor(1, ([row]) => {
    ids.push(row?.id);
  });
  t.deepEqual(ids, [1, 2]);
});
