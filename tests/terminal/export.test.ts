import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import test from 'ava';
import { startTestServer, type TestServer } from '../support/server.ts';
import { rustydb, temporaryFolder } from './support.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
  rustydb(server.port, [
    'sql',
    '-c',
    `CREATE TABLE goods (id int, name text, doc jsonb);
     INSERT INTO goods VALUES (1, 'a,"b"', '{"k": "\\\\n"}'), (2, NULL, NULL);
     CREATE VIEW cheap AS SELECT id FROM goods`,
  ]);
});

test.after.always(async () => {
  await server?.stop();
});

const write = (...args: string[]) => rustydb(server.port, ['export', ...args]);

const CSV = 'id,name,doc\n1,"a,""b""","{""k"": ""\\\\n""}"\n2,,\n';

test('CSV, TSV and NDJSON to standard output', (t) => {
  t.deepEqual(write('goods'), { status: 0, stdout: CSV, stderr: '' });
  t.is(write('cheap', '-', '--no-header').stdout, '1\n2\n');
  t.is(write('goods', '--format', 'tsv', '--null', 'NIL').stdout.split('\n')[2], '2\tNIL\tNIL');
  const lines = write('goods', '-', '--format', 'ndjson').stdout.trimEnd().split('\n');
  t.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      { id: 1, name: 'a,"b"', doc: { k: '\\n' } },
      { id: 2, name: null, doc: null },
    ],
  );
});

test('a query, into files that are compressed by their names', (t) => {
  const folder = temporaryFolder(t);
  const query = ['--query', 'SELECT * FROM goods ORDER BY id;'];
  t.regex(
    write(...query, join(folder, 'g.csv')).stdout,
    /^exported 2 rows, \d+ B, to .*g\.csv in /,
  );
  t.is(readFileSync(join(folder, 'g.csv'), 'utf8'), CSV);
  write(...query, join(folder, 'g.csv.gz'));
  t.is(gunzipSync(readFileSync(join(folder, 'g.csv.gz'))).toString(), CSV);
  write(...query, join(folder, 'g.csv.zst'));
  t.is(zstdDecompressSync(readFileSync(join(folder, 'g.csv.zst'))).toString(), CSV);
  t.deepEqual(readdirSync(folder).sort(), ['g.csv', 'g.csv.gz', 'g.csv.zst']);
});

test('what is exported can be imported again', (t) => {
  const path = join(temporaryFolder(t), 'again.ndjson.zst');
  t.is(write('goods', path).status, 0);
  t.is(rustydb(server.port, ['import', path, '--table', 'again']).status, 0);
  t.is(write('again', '-').stdout, write('goods', '-').stdout);
});

test('an export that fails leaves the file that was there', (t) => {
  const path = join(temporaryFolder(t), 'kept.csv');
  writeFileSync(path, 'kept');
  const said = write('--query', 'SELECT 1 / (3 - i) FROM generate_series(1, 9) AS g(i)', path);
  t.is(said.status, 1);
  t.regex(said.stderr, /division by zero\nnothing was exported\n$/);
  t.is(readFileSync(path, 'utf8'), 'kept');
  t.false(existsSync(`${path}.part`));
  t.regex(write('absent', path).stderr, /relation "absent" does not exist/);
  t.regex(write('goods', '/no/such/folder/x.csv').stderr, /No such file or directory/);
  t.like(write(), {
    status: 2,
    stderr: 'rustydb: export: no table and no --query; see rustydb export --help\n',
  });
});
