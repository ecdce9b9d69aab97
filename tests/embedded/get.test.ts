// Single rows by prepared statements: what they hold, and that they are those of now.
import test from 'ava';
import { open } from '../../ts/index.ts';

const memory = () => open(':memory:', { bufferPoolBytes: 16 * 1024 * 1024, sync: 'off' });

test('a row has the values that a query gives', async (t) => {
  await using db = await memory();
  const sql = `SELECT 1::int2 AS s, -7::int AS i, 9007199254740991::bigint AS big,
      9007199254740993::bigint AS huge, 0.1::float8 AS x, 0.1::float4 AS f, 'NaN'::float8 AS nan,
      '-Infinity'::float8 AS less, 1.50::numeric AS n, 'plain "text"' AS t, 'ä\u{1f600}' AS u,
      ''::text AS e, '\\x00ff'::bytea AS b, '{"a":[1,null]}'::jsonb AS j, true AS yes,
      false AS no, ARRAY[1,2] AS l, NULL::int AS nothing, DATE '2026-01-02' AS d,
      'x'::char(3) AS padded, 5 AS "__proto__", 6 AS "?column?"`;
  const row = await db.prepare(sql).get();
  const { rows } = await db.query(sql);
  t.deepEqual(row, rows[0]);
  t.deepEqual(Object.keys(row ?? {}), Object.keys(rows[0] ?? {}));
  t.is(row?.huge, 9007199254740993n);
});

test('no row, no columns, and more rows than one', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE t (k int PRIMARY KEY, v text)');
  const insert = db.prepare('INSERT INTO t VALUES ($1, $2)');
  t.is(await insert.get(1, 'one'), undefined);
  t.deepEqual(await db.prepare('INSERT INTO t VALUES (2, $1) RETURNING k').get('two'), { k: 2 });
  const get = db.prepare('SELECT * FROM t WHERE k = $1');
  t.deepEqual(await get.get(1), { k: 1, v: 'one' });
  t.is(await get.get(3), undefined);
  t.is(await get.get(null), undefined);
  t.deepEqual(await get.get('2'), { k: 2, v: 'two' });
  t.deepEqual(await db.prepare('SELECT k FROM t ORDER BY k DESC').get(), { k: 2 });
  t.deepEqual(await db.prepare('SELECT FROM t').get(), {});
  t.is(await db.prepare('SELECT FROM t WHERE k = 7').get(), undefined);
});

test('rows of many shapes and sessions at a time have their own names', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE t (k int PRIMARY KEY)');
  await db.query('INSERT INTO t SELECT generate_series(1, 100)');
  const statements = Array.from({ length: 100 }, (_, at) =>
    db.prepare(`SELECT k AS "n${at}" FROM t WHERE k = $1`),
  );
  for (let round = 0; round < 3; round += 1) {
    const rows = await Promise.all(statements.map((get, at) => get.get(at + 1)));
    t.deepEqual(
      rows,
      statements.map((_, at) => ({ [`n${at}`]: at + 1 })),
    );
  }
  // More than the front's own thread may do: each waits in a session of its own.
  const slow = db.prepare('SELECT count(*)::int AS n, $1::int AS of FROM t, t AS u');
  const counts = await Promise.all([1, 2, 3, 4].map((of) => slow.get(of)));
  t.deepEqual(
    counts,
    [1, 2, 3, 4].map((of) => ({ n: 10_000, of })),
  );
});

test('statements beyond those whose texts are kept are run all the same', async (t) => {
  await using db = await memory();
  for (let at = 0; at < 1100; at += 1) {
    const row = await db.prepare(`SELECT ${at} AS n, $1::int AS p`).get(-at);
    if (row?.n !== at || row?.p !== -at) t.deepEqual(row, { n: at, p: -at });
  }
  const long = `SELECT 1 AS n -- ${'x'.repeat(100_000)}`;
  t.deepEqual(await db.prepare(long).get(), { n: 1 });
});

test('a statement reads what its names mean now', async (t) => {
  await using db = await memory();
  const run = (sql: string) => db.query(sql);
  await run('CREATE TABLE t (k int PRIMARY KEY, v text)');
  await run("INSERT INTO t VALUES (1, 'one')");
  const get = db.prepare('SELECT * FROM t WHERE k = $1');
  const bytes = async () => JSON.parse((await get.json(1)).toString());
  const expect = async (row: Record<string, unknown> | undefined) => {
    for (let at = 0; at < 3; at += 1) {
      t.deepEqual(await get.get(1), row);
      t.deepEqual(await bytes(), row === undefined ? [] : [row]);
    }
  };
  await expect({ k: 1, v: 'one' });
  await run('ALTER TABLE t ADD COLUMN w int DEFAULT 7');
  await expect({ k: 1, v: 'one', w: 7 });
  await run('ALTER TABLE t DROP COLUMN v');
  await expect({ k: 1, w: 7 });
  await run('ALTER TABLE t RENAME COLUMN w TO x');
  await expect({ k: 1, x: 7 });
  await run('ALTER TABLE t DROP CONSTRAINT t_pkey');
  await expect({ k: 1, x: 7 });
  await run('ALTER TABLE t ADD PRIMARY KEY (k)');
  await run('ALTER TABLE t ALTER COLUMN x TYPE text');
  await expect({ k: 1, x: '7' });
  await run('TRUNCATE t');
  await expect(undefined);
  await run('DROP TABLE t');
  await t.throwsAsync(get.get(1), { message: /relation "t" does not exist/ });
  await run('CREATE TABLE t (k bigint PRIMARY KEY)');
  await run('INSERT INTO t VALUES (1)');
  await expect({ k: 1 });
});

test('what a transaction has not committed is its own', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE t (k int PRIMARY KEY, v text)');
  await db.query("INSERT INTO t VALUES (1, 'one')");
  const get = db.prepare<{ v: string }>('SELECT v FROM t WHERE k = $1');
  t.is((await get.get(1))?.v, 'one');
  await t.throwsAsync(
    db.transaction(async (tx) => {
      await tx.query("UPDATE t SET v = 'two' WHERE k = 1");
      await tx.query('ALTER TABLE t ADD COLUMN w int');
      const own = await tx.query('SELECT v FROM t WHERE k = $1', [1]);
      t.deepEqual(own.rows, [{ v: 'two' }]);
      throw new Error('no');
    }),
    { message: 'no' },
  );
  t.is((await get.get(1))?.v, 'one');
});
