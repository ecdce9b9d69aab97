// The database in this process, as `import { open } from 'rustydb'` gives it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { type Database, open, RustyError } from '../../ts/index.ts';

const SMALL = { bufferPoolBytes: 16 * 1024 * 1024, sync: 'off' } as const;

/** The error that something fails with. */
async function failure(t: ExecutionContext, failing: Promise<unknown>): Promise<RustyError> {
  const error: unknown = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof RustyError)) return t.fail(`no RustyError but ${error}`) as never;
  return error;
}

const memory = (): Promise<Database> => open(':memory:', SMALL);

test('values come as JavaScript has them', async (t) => {
  await using db = await memory();
  const { columns, rows, rowCount, command } = await db.query(
    `SELECT 1::int AS i, 9007199254740993::bigint AS big, 7::bigint AS small, 1.50::numeric AS n,
       'a"ä\u{1f600}' AS t, '\\x00ff'::bytea AS b, '{"a":[1,null]}'::jsonb AS j, true AS f,
       ARRAY[1,2] AS l, NULL::int AS nothing, DATE '2026-01-02' AS d, 0.1::float8 AS x`,
  );
  t.deepEqual(rows, [
    {
      i: 1,
      big: 9007199254740993n,
      small: 7,
      n: '1.50',
      t: 'a"ä\u{1f600}',
      b: Buffer.from([0, 255]),
      j: { a: [1, null] },
      f: true,
      l: [1, 2],
      nothing: null,
      d: '2026-01-02',
      x: 0.1,
    },
  ]);
  t.is(rowCount, 1);
  t.is(command, 'SELECT');
  t.deepEqual(columns[0], { name: 'i', type: 'integer', nullable: true });
});

test('parameters are values, whatever is in them', async (t) => {
  await using db = await memory();
  await db.query(
    'CREATE TABLE t (id bigint PRIMARY KEY, a text, b bytea, j jsonb, l int[], at timestamptz)',
  );
  const at = new Date('2026-03-04T05:06:07.089Z');
  const evil = `'); DROP TABLE t; -- "\\\n`;
  const written = await db.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6)', [
    2n ** 62n,
    evil,
    Buffer.from([1, 0, 2]),
    { deep: [1, 'x', null] },
    [1, null, 3],
    at,
  ]);
  t.is(written.rowCount, 1);
  t.is(written.command, 'INSERT');
  const { rows } = await db.query('SELECT * FROM t WHERE id = $1', [2n ** 62n]);
  t.is(rows[0]?.a, evil);
  t.deepEqual(rows[0]?.b, Buffer.from([1, 0, 2]));
  t.deepEqual(rows[0]?.j, { deep: [1, 'x', null] });
  t.deepEqual(rows[0]?.l, [1, null, 3]);
  t.is(new Date(String(rows[0]?.at)).getTime(), at.getTime());
});

test('errors have their SQLSTATE, and the database goes on', async (t) => {
  await using db = await memory();
  const syntax = await failure(t, db.query('SELECT FROM WHERE'));
  t.is(syntax.sqlstate, '42601');
  await db.query('CREATE TABLE u (id int PRIMARY KEY)');
  await db.query('INSERT INTO u VALUES (1)');
  const twice = await failure(t, db.query('INSERT INTO u VALUES (1)'));
  t.is(twice.code, 'CONSTRAINT_VIOLATION');
  t.is(twice.details?.constraint, 'u_pkey');
  const count = await failure(t, db.query('SELECT $1::int', []));
  t.is(count.sqlstate, '08P01');
  const two = await failure(t, db.query('SELECT 1; SELECT 2'));
  t.is(two.sqlstate, '42601');
  t.is((await db.query('SELECT count(*) AS n FROM u')).rows[0]?.n, 1);
});

test('a transaction is all or nothing', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE v (id int PRIMARY KEY)');
  await db.transaction(async (tx) => {
    await tx.query('INSERT INTO v VALUES (1)');
    await tx.query('INSERT INTO v VALUES (2)');
  });
  await t.throwsAsync(
    db.transaction(async (tx) => {
      await tx.query('INSERT INTO v VALUES (3)');
      throw new Error('changed my mind');
    }),
    { message: 'changed my mind' },
  );
  // A statement that failed and was caught leaves nothing to commit.
  const failed = await failure(
    t,
    db.transaction(async (tx) => {
      await tx.query('INSERT INTO v VALUES (4)');
      await tx.query('INSERT INTO v VALUES (1)').catch(() => undefined);
    }),
  );
  t.is(failed.sqlstate, '25P02');
  const readOnly = await failure(
    t,
    db.transaction((tx) => tx.query('INSERT INTO v VALUES (5)'), { readOnly: true }),
  );
  t.is(readOnly.sqlstate, '25006');
  t.deepEqual((await db.query('SELECT id FROM v ORDER BY id')).rows, [{ id: 1 }, { id: 2 }]);
});

test('iteration gives every row once and may be left early', async (t) => {
  await using db = await memory();
  let sum = 0n;
  let rows = 0;
  for await (const row of db.iterate<{ n: number; t: string }>(
    `SELECT n, repeat('ä', (n % 50)::int) AS t FROM generate_series(1::bigint, 100000) AS g(n)`,
  )) {
    sum += BigInt(row.n);
    rows += 1;
    if (row.t.length !== row.n % 50) t.fail(`row ${row.n} has ${row.t.length} characters`);
  }
  t.is(rows, 100_000);
  t.is(sum, 5_000_050_000n);
  let seen = 0;
  for await (const _ of db.iterate('SELECT * FROM generate_series(1, 100000000)')) {
    seen += 1;
    if (seen === 10) break;
  }
  t.is(seen, 10);
  t.is((await db.query('SELECT 1 AS one')).rows[0]?.one, 1);
});

test('a large result is the same in one piece', async (t) => {
  await using db = await memory();
  const { rows } = await db.query<{ n: number; t: string }>(
    `SELECT n, repeat('\u{1f600}ä', 40) AS t FROM generate_series(1, 20000) AS g(n)`,
  );
  t.is(rows.length, 20_000);
  t.true(rows.every((row, at) => row.n === at + 1 && row.t === '\u{1f600}ä'.repeat(40)));
});

test('a signal and a time-out interrupt a statement', async (t) => {
  await using db = await memory();
  const abort = new AbortController();
  const endless = db.query('SELECT count(*) FROM generate_series(1, 100000000000)', [], {
    signal: abort.signal,
  });
  setImmediate(() => abort.abort());
  const aborted = await failure(t, endless);
  t.is(aborted.code, 'CANCELLED');
  t.is(aborted.sqlstate, '57014');
  // Before it begins, too.
  const never = await failure(t, db.query('SELECT 1', [], { signal: AbortSignal.abort() }));
  t.is(`${never.code} ${never.sqlstate}`, 'CANCELLED 57014');
  const late = await failure(
    t,
    db.query('SELECT count(*) FROM generate_series(1, 100000000000)', [], { timeoutMs: 20 }),
  );
  t.is(late.code, 'TIMEOUT');
  t.is((await db.query('SELECT 1 AS one')).rows[0]?.one, 1);
});

test('prepared statements, many at a time', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE w (id int PRIMARY KEY, name text)');
  const insert = db.prepare('INSERT INTO w VALUES ($1, $2)');
  const counts = await Promise.all(
    Array.from({ length: 500 }, (_, id) => insert.run(id, `name ${id}`)),
  );
  t.true(counts.every((count) => count === 1));
  const get = db.prepare<{ id: number; name: string }>('SELECT * FROM w WHERE id = $1');
  t.deepEqual(await get.get(7), { id: 7, name: 'name 7' });
  t.is(await get.get(-1), undefined);
  t.is((await get.json(7)).toString(), '[{"id":7,"name":"name 7"}]');
  t.is((await get.json(-1)).toString(), '[]');
});

test('a prepared statement says how many rows it wrote', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE c (id int PRIMARY KEY)');
  t.is(await db.prepare('INSERT INTO c SELECT * FROM generate_series(1, 1000)').run(), 1000);
  t.is(await db.prepare('UPDATE c SET id = id + 5000 WHERE id > $1').run(900), 100);
  t.is(await db.prepare('SELECT * FROM c').run(), 1000);
  t.is(await db.prepare('DROP TABLE c').run(), 0);
  const failed = await failure(t, db.prepare('INSERT INTO c VALUES ($1)').run(1));
  t.is(failed.sqlstate, '42P01');
  const wrong = await failure(t, db.prepare('SELECT $1::int').run(Symbol('s')));
  t.is(wrong.code, 'VALIDATION_ERROR');
});

test('bytes of an answer in many pieces', async (t) => {
  await using db = await memory();
  const sql = 'SELECT n FROM generate_series(1, 200000) AS g(n)';
  const bytes = await db.prepare(sql).json();
  t.deepEqual(JSON.parse(bytes.toString()).length, 200_000);
});

test('settings of one statement are not seen by the next', async (t) => {
  await using db = await memory();
  const before = (await db.query('SHOW search_path')).rows;
  await db.query("SET search_path = 'nowhere'");
  for (let turn = 0; turn < 20; turn += 1) {
    t.deepEqual((await db.query('SHOW search_path')).rows, before);
  }
});

test('a temporary table belongs to its transaction, or to nothing', async (t) => {
  await using db = await memory();
  await db.query('CREATE TEMP TABLE one (n int)');
  t.is((await failure(t, db.query('SELECT * FROM one'))).sqlstate, '42P01');
  const sum = await db.transaction(async (tx) => {
    await tx.query('CREATE TEMP TABLE work (n int)');
    await tx.query('INSERT INTO work SELECT generate_series(1, 10)');
    return (await tx.query<{ sum: number }>('SELECT sum(n) FROM work')).rows;
  });
  t.deepEqual(sum, [{ sum: 55 }]);
  t.is((await failure(t, db.query('SELECT * FROM work'))).sqlstate, '42P01');
});

test('what is acknowledged is there when it is opened again', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'rustydb-embedded-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const first = await open(path, SMALL);
  await first.query('CREATE TABLE k (id int PRIMARY KEY)');
  await first.query('INSERT INTO k SELECT * FROM generate_series(1, 1000)');
  const second = await t.throwsAsync(open(path, SMALL));
  t.regex(String(second?.message), /is in use|in use by|locked/);
  await first.close();
  await first.close();
  await t.throwsAsync(first.query('SELECT 1'), { message: 'the database is closed' });
  await using again = await open(path, SMALL);
  t.is((await again.query('SELECT count(*) AS n FROM k')).rows[0]?.n, 1000);
});

for (const sync of ['normal', 'off'] as const) {
  test(`what is acknowledged survives the end of the process with sync ${sync}`, async (t) => {
    const path = mkdtempSync(join(tmpdir(), 'rustydb-embedded-'));
    t.teardown(() => rmSync(path, { recursive: true, force: true }));
    const made = await open(path, SMALL);
    await made.query('CREATE TABLE k (id int PRIMARY KEY)');
    await made.close();
    const writer = join(import.meta.dirname, 'writer.ts');
    const { signal } = spawnSync(process.execPath, [writer, path, sync, '500']);
    t.is(signal, 'SIGKILL');
    await using db = await open(path, SMALL);
    t.deepEqual((await db.query('SELECT count(*), max(id) FROM k')).rows, [
      { count: 500, max: 499 },
    ]);
  });
}

test('two databases are open at one time', async (t) => {
  await using one = await memory();
  await using two = await memory();
  await one.query('CREATE TABLE only_here (id int)');
  t.is((await one.query('SELECT * FROM only_here')).rowCount, 0);
  const missing = await failure(t, two.query('SELECT * FROM only_here'));
  t.is(missing.sqlstate, '42P01');
});

test('two worker threads share one database', async (t) => {
  await using db = await memory();
  await db.query('CREATE TABLE shared (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, who int)');
  const workers = [1, 2].map(
    (who) =>
      new Promise<void>((resolve, reject) => {
        const worker = new Worker(join(import.meta.dirname, 'sharer.ts'), {
          workerData: { handle: db.handle, who, rows: 300 },
        });
        worker.on('error', reject);
        worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
      }),
  );
  await Promise.all(workers);
  const { rows } = await db.query(
    'SELECT who, count(*) AS n FROM shared GROUP BY who ORDER BY who',
  );
  t.deepEqual(rows, [
    { who: 1, n: 300 },
    { who: 2, n: 300 },
  ]);
});
