// A public CSV with 50 of its lines broken in ten ways, seeded: exactly those are named, each with the
// right reason, and all others are loaded.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rustydb, temporaryFolder } from './support.ts';

const SEED = Number(process.env.RUSTYDB_TEST_SEED ?? 20_261_121);
const BROKEN = 50;

/** The largest CSV of vega-datasets: zip_code,latitude,longitude,city,state,county */
const path = join(import.meta.dirname, '../../node_modules/vega-datasets/data/zipcodes.csv');

const TABLE = `CREATE TABLE zipcodes (
  zip_code text PRIMARY KEY CHECK (length(zip_code) = 5),
  latitude numeric(12, 6) NOT NULL,
  longitude double precision NOT NULL,
  city text NOT NULL,
  state text,
  county text)`;

interface Break {
  readonly name: string;
  readonly sqlstate: string;
  readonly column: string | undefined;
  readonly reason: RegExp;
  /** The fields of a line, broken; `first` are those of the first line. */
  breakIt(fields: readonly string[], first: readonly string[]): Buffer;
}

const line = (fields: readonly string[]): Buffer => Buffer.from(fields.join(','));

const WAYS: readonly Break[] = [
  {
    name: 'a field is missing',
    sqlstate: '22P04',
    column: undefined,
    reason: /^missing data for column "county"$/,
    breakIt: (fields) => line(fields.slice(0, 5)),
  },
  {
    name: 'a field too many',
    sqlstate: '22P04',
    column: undefined,
    reason: /^extra data after last expected column$/,
    breakIt: (fields) => line([...fields, 'more']),
  },
  {
    name: 'a quote that is not closed',
    sqlstate: '22P04',
    column: undefined,
    reason: /^unterminated CSV quoted field$/,
    breakIt: ([zip = '', latitude = '', ...rest]) =>
      line([zip, latitude, ...rest.slice(0, 3), `"${rest[3]}`]),
  },
  {
    name: 'no number',
    sqlstate: '22P02',
    column: 'latitude',
    reason: /^invalid input syntax for type numeric: "north"$/,
    breakIt: ([zip = '', , ...rest]) => line([zip, 'north', ...rest]),
  },
  {
    name: 'a number out of range',
    sqlstate: '22003',
    column: 'longitude',
    reason: /^"1e999" is out of range for type double precision$/,
    breakIt: ([zip = '', latitude = '', , ...rest]) => line([zip, latitude, '1e999', ...rest]),
  },
  {
    name: 'NULL where there must be a value',
    sqlstate: '23502',
    column: undefined,
    reason: /^null value in column "city" of relation "zipcodes" violates not-null constraint$/,
    breakIt: (fields) => line([...fields.slice(0, 3), '', ...fields.slice(4)]),
  },
  {
    name: 'a key that is there',
    sqlstate: '23505',
    column: undefined,
    reason: /^duplicate key value violates unique constraint "zipcodes_pkey"$/,
    breakIt: (fields, [zip = '']) => line([zip, ...fields.slice(1)]),
  },
  {
    name: 'against a check',
    sqlstate: '23514',
    column: undefined,
    reason: /^new row for relation "zipcodes" violates check constraint "zipcodes_zip_code_check"$/,
    breakIt: ([zip = '', ...rest]) => line([`${zip}0`, ...rest]),
  },
  {
    name: 'a NUL',
    sqlstate: '22021',
    column: undefined,
    reason: /^invalid byte sequence for encoding "UTF8"/,
    breakIt: (fields) => line([...fields.slice(0, 3), 'a\0b', ...fields.slice(4)]),
  },
  {
    name: 'another encoding',
    sqlstate: '22021',
    column: undefined,
    reason: /^invalid byte sequence for encoding "UTF8"/,
    breakIt: (fields) =>
      Buffer.from([...fields.slice(0, 3), 'Montr\xe9al', ...fields.slice(4)].join(','), 'latin1'),
  },
];

/** Numbers from 0 to below `limit`, from a seed (mulberry32). */
function randomOf(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
}

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

test(`exactly the 50 broken lines are named (seed ${SEED})`, (t) => {
  const random = randomOf(SEED);
  const [header = '', ...rows] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const first = (rows[0] ?? '').split(',');
  const broken = new Map<number, Break>();
  for (let index = 0; broken.size < BROKEN; ) {
    const row = 1 + random(rows.length - 1);
    if (broken.has(row) || rows[row]?.includes('"')) continue;
    broken.set(row, WAYS[index % WAYS.length] as Break);
    index += 1;
  }
  const content = rows.flatMap((text, row) => {
    const way = broken.get(row);
    return [way?.breakIt(text.split(','), first) ?? Buffer.from(text), Buffer.from('\n')];
  });
  const folder = temporaryFolder(t);
  const file = join(folder, 'zipcodes.csv');
  writeFileSync(file, Buffer.concat([Buffer.from(`${header}\n`), ...content]));
  t.is(rustydb(server.port, ['sql', '-c', TABLE]).status, 0);

  const report = join(folder, 'report.ndjson');
  const said = rustydb(server.port, ['import', file, '--on-error', 'skip', '--report', report]);
  t.is(said.status, 0, said.stderr);
  const rejects = readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
    .sort((one, other) => one.line - other.line);
  const expected = [...broken].sort(([one], [other]) => one - other);
  t.deepEqual(
    rejects.map((reject) => reject.line),
    expected.map(([row]) => row + 2),
  );
  for (const [index, [, way]] of expected.entries()) {
    const { sqlstate, reason, column, value } = rejects[index];
    t.is(sqlstate, way.sqlstate, way.name);
    t.regex(reason, way.reason, way.name);
    if (way.column !== undefined) t.is(column, way.column, `${way.name}: ${value}`);
  }
  const count = rustydb(server.port, ['sql', '-Atc', 'SELECT count(*) FROM zipcodes']);
  t.is(count.stdout, `${rows.length - BROKEN}\n`);
});
