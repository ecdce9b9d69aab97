// COPY with its faulty lines left out, and NDJSON, through the database in this process.
import test, { type ExecutionContext } from 'ava';
import { type Database, open, RustyError } from '../../ts/index.ts';

const SMALL = { bufferPoolBytes: 16 * 1024 * 1024, sync: 'off' } as const;
const SKIP = 'ON_ERROR ignore, LOG_VERBOSITY verbose';

async function* pieces(data: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
}

async function table(t: ExecutionContext): Promise<Database> {
  const db = await open(':memory:', SMALL);
  t.teardown(() => db.close());
  await db.query(
    'CREATE TABLE c (id int PRIMARY KEY, name text NOT NULL, n numeric CHECK (n < 100))',
  );
  return db;
}

const LINES = [
  'id,name,n',
  '1,one,1.5',
  'x,two,2', // 3: not a number
  '3,"three', // 4: the quote is left open
  '4,four,4',
  '5,five', // 6: a field is missing
  '6,six,6,7', // 7: a field too many
  '7,"se""ven, or\nso",7', // 8 and 9: as it should be
  '8,,8', // 10: NULL in name
  '9,nine,900', // 11: against the check
  '1,again,1', // 12: a key that is there
  '10,te\0n,10', // 13: a NUL
  '11,el\xffeven,11', // 14: no UTF-8
  '12,"twelve"x,12', // 15: PostgreSQL takes it
  '13,thirteen,13',
];

const EXPECTED: readonly (readonly [number, string])[] = [
  [3, '22P02'],
  [4, '22P04'],
  [6, '22P04'],
  [7, '22P04'],
  [10, '23502'],
  [11, '23514'],
  [12, '23505'],
  [13, '22021'],
  [14, '22021'],
];

const rejected = (notices: readonly { sqlstate: string; context?: string }[]) =>
  notices
    .filter(({ context }) => context !== undefined)
    .map(({ sqlstate, context }) => [Number(/line (\d+)/.exec(context ?? '')?.[1]), sqlstate])
    .sort(([a], [b]) => Number(a) - Number(b));

for (const size of [7, 64 * 1024]) {
  test(`exactly the faulty lines are left out, in pieces of ${size} bytes`, async (t) => {
    const db = await table(t);
    const data = Buffer.from(`${LINES.join('\n')}\n`, 'latin1');
    const { rowCount, notices } = await db.copyFrom(
      `COPY c FROM STDIN (FORMAT csv, HEADER, ${SKIP})`,
      pieces(data, size),
    );
    t.is(rowCount, 5);
    t.deepEqual(rejected(notices), EXPECTED as never);
    t.is(notices.at(-1)?.message, '9 rows were skipped due to errors');
    const { rows } = await db.query('SELECT id, name FROM c ORDER BY id');
    t.deepEqual(rows, [
      { id: 1, name: 'one' },
      { id: 4, name: 'four' },
      { id: 7, name: 'se"ven, or\nso' },
      { id: 12, name: 'twelvex' },
      { id: 13, name: 'thirteen' },
    ]);
  });
}

test('without ON_ERROR the first fault is told with its line and nothing stays', async (t) => {
  const db = await table(t);
  const data = Buffer.from('1,one,1\n2,"tw\no",2\n3,three,x\n');
  const error = (await t.throwsAsync(
    db.copyFrom('COPY c FROM STDIN (FORMAT csv)', pieces(data, 5)),
  )) as unknown as RustyError;
  t.true(error instanceof RustyError);
  t.is(error.sqlstate, '22P02');
  t.is(error.details?.context, 'COPY c, line 4, column n: "x"');
  t.is((await db.query('SELECT * FROM c')).rowCount, 0);
});

test('more faulty lines than REJECT_LIMIT end the COPY', async (t) => {
  const db = await table(t);
  const data = Buffer.from('1,one,1\nx,a,1\ny,b,1\nz,c,1\n');
  const copy = (limit: number) =>
    db.copyFrom(
      `COPY c FROM STDIN (FORMAT csv, ON_ERROR ignore, REJECT_LIMIT ${limit})`,
      pieces(data, 9),
    );
  const error = (await t.throwsAsync(copy(2))) as unknown as RustyError;
  t.is(error.message, 'skipped more than REJECT_LIMIT (2) rows');
  t.is((await db.query('SELECT * FROM c')).rowCount, 0);
  t.is((await copy(3)).rowCount, 1);
});

test('NDJSON in and out', async (t) => {
  const db = await table(t);
  await db.query('CREATE TABLE j (id bigint, doc jsonb, list int[], at timestamp, note text)');
  const lines = [
    '{"id":9007199254740993,"doc":{"a":[1,"x"]},"list":[1,null],"at":"2026-01-02T03:04:05"}',
    '',
    '{"note":"line\\nend \\"q\\"","id":2}',
    '{"id":"x"}',
    '{"id":3,"unknown":1}',
    '[1]',
    '{"id":4',
  ];
  const { rowCount, notices } = await db.copyFrom(
    `COPY j FROM STDIN (FORMAT ndjson, ${SKIP})`,
    pieces(Buffer.from(lines.join('\n')), 11),
  );
  t.is(rowCount, 2);
  t.deepEqual(rejected(notices), [
    [4, '22P02'],
    [5, '22P04'],
    [6, '22P02'],
    [7, '22P02'],
  ] as never);
  const { rows } = await db.query('SELECT * FROM j ORDER BY id DESC');
  t.deepEqual(rows, [
    {
      id: 9007199254740993n,
      doc: { a: [1, 'x'] },
      list: [1, null],
      at: '2026-01-02T03:04:05',
      note: null,
    },
    { id: 2, doc: null, list: null, at: null, note: 'line\nend "q"' },
  ]);
});

test('an input that cannot even begin leaves its session usable', async (t) => {
  await using db = await open(':memory:', { sync: 'off', maxSessions: 1 });
  await db.query('CREATE TABLE e (id int)');
  const broken = {
    [Symbol.asyncIterator]: (): never => {
      throw new Error('no input');
    },
  };
  await t.throwsAsync(db.copyFrom('COPY e FROM STDIN', broken), { message: 'no input' });
  t.is((await db.query('SELECT count(*) AS n FROM e')).rows[0]?.n, 0);
});
