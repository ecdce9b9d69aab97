import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rustydb, temporaryFolder } from './support.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

const sql = (text: string): string =>
  rustydb(server.port, ['sql', '-Atq', '-c', text]).stdout.trimEnd();

function file(t: ExecutionContext, name: string, content: string | Buffer): string {
  const path = join(temporaryFolder(t), name);
  writeFileSync(path, content);
  return path;
}

const load = (...args: string[]) => rustydb(server.port, ['import', ...args]);

const CARS =
  'Name,Horse Power,when,ok,zip,doc\nä,1.5,2026-01-02,true,0123,"{""a"":1}"\nb,,2026-01-03 04:05,false,0456,\n';

test('a table is made of what the rows look like', (t) => {
  const path = file(t, 'Some Cars.csv', CARS);
  const said = load(path);
  t.is(said.status, 0, said.stderr);
  t.regex(said.stdout, /^CREATE TABLE "some_cars" \(\n {2}"name" text,\n/);
  t.regex(said.stdout, /imported 2 rows into "some_cars" in /);
  t.is(
    sql(`SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = 'some_cars'::regclass AND attnum > 0`),
    'name text, horse_power numeric, when timestamp without time zone, ok boolean, zip text, doc json',
  );
  t.is(sql('SELECT name, horse_power, zip FROM some_cars ORDER BY 1'), 'b||0456\nä|1.5|0123');
});

test('gzip and Zstandard are known by their bytes, several files are one import', (t) => {
  const packed = file(t, 'one.csv', gzipSync('a,b\n1,x\n'));
  const other = file(t, 'two.csv.zst', zstdCompressSync('b,a\ny,2\n'));
  t.is(load(packed, other, '--table', 'packed').status, 0);
  t.is(sql('SELECT a, b FROM packed ORDER BY a'), '1|x\n2|y');
});

test('standard input, TSV, other delimiters, no header, chosen columns', (t) => {
  sql('CREATE TABLE chosen (a int DEFAULT 7, b text, c text)');
  const run = (input: string, ...args: string[]) => {
    const said = rustydb(server.port, ['import', '-', '--table', 'chosen', ...args], { input });
    t.is(said.status, 0, said.stderr);
  };
  run('1\tx\ty\n', '--format', 'tsv');
  run('\ufeffB;C\r\nx y;"z;w"\r\n', '--delimiter', ';');
  run('NIL,q\n', '--columns', 'b,c', '--null', 'NIL');
  t.is(sql('SELECT a, b, c FROM chosen ORDER BY a, c'), '1|x|y\n7||q\n7|x y|z;w');
});

test('a value behind the sample widens its column and the import starts over', (t) => {
  const rows = Array.from({ length: 20_000 }, (_, index) => `${index},${index}`);
  const path = file(t, 'late.csv', `a,b\n${rows.join('\n')}\n1.5,late\n`);
  const said = load(path);
  t.is(said.status, 0, said.stderr);
  t.regex(said.stderr, /column "a" is no bigint after all: made again as numeric/);
  t.is(sql('SELECT count(*), max(a), min(b) FROM late'), '20001|19999|0');
});

test('the first bad line is named, and nothing of the import stays', (t) => {
  sql('CREATE TABLE strict (a int, b text)');
  const good = file(t, 'good.csv', 'a,b\n1,x\n');
  const bad = file(t, 'bad.csv', 'a,b\n2,y\nz,w\n');
  const said = load(good, bad, '--table', 'strict');
  t.is(said.status, 1);
  t.true(
    said.stderr.includes(`${bad}: line 3, column a: ERROR:  invalid input syntax for type integer`),
    said.stderr,
  );
  t.regex(said.stderr, /nothing was imported\n$/);
  t.is(sql('SELECT count(*) FROM strict'), '0');
  const open = load(file(t, 'open.csv', 'a,b\n1,"x\n'), '--table', 'strict');
  t.regex(open.stderr, /line \d: ERROR: {2}unterminated CSV quoted field/);
  const wide = load(file(t, 'wide.csv', 'a,b\n1,x,y\n'), '--table', 'strict');
  t.regex(wide.stderr, /line 2: ERROR: {2}extra data after last expected column\n {2}1,x,y\n/);
});

test('bad lines are left out, shown and written to the report', (t) => {
  sql('CREATE TABLE lenient (a int PRIMARY KEY, b text)');
  const path = file(t, 'mixed.csv', 'a,b\n1,x\nz,y\n2\n1,again\n3,w\n');
  const report = join(temporaryFolder(t), 'rejected.ndjson');
  const said = load(path, '--table', 'lenient', '--on-error', 'skip', '--report', report);
  t.is(said.status, 0, said.stderr);
  t.regex(said.stdout, /imported 2 rows .*; 3 lines were left out\n/);
  t.regex(said.stderr, /\| +3 \| a +\| invalid input syntax for type integer: "z" +\| z/);
  const lines = readFileSync(report, 'utf8').trimEnd().split('\n');
  t.deepEqual(
    lines
      .map((line) => JSON.parse(line))
      .sort((one, other) => one.line - other.line)
      .map(({ line, column, sqlstate }) => [line, column, sqlstate]),
    [
      [3, 'a', '22P02'],
      [4, undefined, '22P04'],
      [5, undefined, '23505'],
    ],
  );
  t.is(sql('SELECT a, b FROM lenient ORDER BY a'), '1|x\n3|w');
});

test('NDJSON: types of JSON, digits, blank lines, keys with other names', (t) => {
  const path = file(
    t,
    'events.ndjson',
    '{"id":1,"Big Number":12345678901234567890.12345,"s":"01","o":{"n":1.10}}\n\n{"id":2,"s":"a\\tb\\\\"}\n',
  );
  t.is(load(path).status, 0);
  t.is(
    sql('SELECT id, big_number, s, o FROM events ORDER BY id'),
    '1|12345678901234567890.12345|01|{"n":1.10}\n2||a\tb\\|',
  );
  const bad = file(t, 'bad.ndjson', '{"Id":1}\n\n{"Id":2}\n{oops\n{"Id":"x"}\n');
  sql('CREATE TABLE ids (id int)');
  const stopped = load(bad, '--table', 'ids');
  t.regex(stopped.stderr, /bad\.ndjson: line 4: invalid JSON: .*\n {2}\{oops\n/);
  t.is(sql('SELECT count(*) FROM ids'), '0');
  const skipped = load(bad, '--table', 'ids', '--on-error', 'skip');
  t.regex(skipped.stdout, /imported 2 rows .*; 2 lines were left out\n/);
  t.regex(skipped.stderr, /\| +5 \| id +\| invalid input syntax for type integer/);
});

test('more bad lines than allowed end the import, and are shown', (t) => {
  sql('CREATE TABLE limited (a int)');
  const path = file(t, 'limited.csv', 'a\n1\nx\n2\ny\n3\nz\n');
  const skip = (limit: string) =>
    load(path, '--table', 'limited', '--on-error', 'skip', '--reject-limit', limit);
  const said = skip('2');
  t.is(said.status, 1);
  t.regex(said.stderr, /\| +3 \| a +\|.*\n.*\| +5 \| a +\|[\s\S]*more than REJECT_LIMIT \(2\)/);
  t.is(sql('SELECT count(*) FROM limited'), '0');
  t.is(skip('3').status, 0);
  t.is(sql('SELECT count(*) FROM limited'), '3');
});

test('what cannot be is said before anything is done', (t) => {
  t.like(load('/no/such/file.csv'), {
    status: 1,
    stderr: 'rustydb: error: /no/such/file.csv: No such file or directory\nnothing was imported\n',
  });
  sql('CREATE TABLE there (a int)');
  const path = file(t, 'there.csv', 'a\n1\n');
  t.regex(load(path, '--create').stderr, /the table "there" is there already/);
  t.regex(load(path, '--table', 'absent', '--no-create').stderr, /there is no table "absent"/);
  const other = file(t, 'other.csv', 'a,nope\n1,2\n');
  t.regex(
    load(other, '--table', 'there', '--header').stderr,
    /no column for "nope"; its columns are a/,
  );
  t.regex(load(file(t, 'empty.csv', '')).stderr, /no rows to find columns in/);
  const array = file(t, 'array.json', '[{"a":1}]');
  t.regex(load(array).stderr, /array\.json: a JSON array; expected is an object a line/);
  t.regex(load('-').stderr, /standard input has no name/);
  t.regex(load(file(t, 'cut.csv.gz', gzipSync(CARS).subarray(0, 30))).stderr, /cannot be unpacked/);
});

test('wrong usage is one line and exit code 2', (t) => {
  for (const [args, what] of [
    [['x.csv', '--tabel', 'y'], 'import: no option --tabel; did you mean --table?'],
    [[], 'import: no file; see rustydb import --help'],
    [['x.csv', '--format', 'xml'], '--format = "xml": allowed are csv, tsv, ndjson'],
    [['x.csv', '--on-error', 'go'], '--on-error = "go": allowed are stop, skip'],
    [['x.csv', '--report', 'r'], 'import: --reject-limit and --report go with --on-error skip'],
  ] as const) {
    t.deepEqual(load(...args), { status: 2, stdout: '', stderr: `rustydb: ${what}\n` });
  }
});
