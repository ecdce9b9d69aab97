// What `rustydb sql` writes beside what psql writes, byte for byte, against the same server.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { hasOutside } from '../support/outside.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { clientEnvironment, rustydb, type Said } from './support.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

function psql(args: readonly string[], input: string): Said {
  const { status, stdout, stderr } = spawnSync('psql', ['-X', ...args], {
    encoding: 'utf8',
    env: clientEnvironment(server.port),
    maxBuffer: 256 * 1024 * 1024,
    input,
  });
  return { status, stdout, stderr: stderr.replace(/^psql:/gm, 'rustydb:') };
}

function compare(t: ExecutionContext, args: readonly string[], input = ''): void {
  t.deepEqual(rustydb(server.port, ['sql', ...args], { input }), psql(args, input), args.join(' '));
}

const script = (name: string): string => join(import.meta.dirname, 'scripts', `${name}.sql`);

for (const name of ['printing', 'switches'] as const) {
  test(`psql: ${name}`, (t) => {
    if (!hasOutside(t, 'psql', 'postgresql-client')) return;
    compare(t, ['-f', script(name)]);
  });
}

for (const name of ['statements', 'describe'] as const) {
  test.serial(`psql: ${name}`, (t) => {
    if (!hasOutside(t, 'psql', 'postgresql-client')) return;
    // Both make the same tables.
    const drop = 'DROP SCHEMA public CASCADE; CREATE SCHEMA public';
    const clean = () => t.is(rustydb(server.port, ['sql', '-q', '-c', drop]).status, 0);
    clean();
    const theirs = psql(['-f', script(name)], '');
    clean();
    t.deepEqual(rustydb(server.port, ['sql', '-f', script(name)]), theirs);
    clean();
  });
}

test('psql: options of the command line', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  const query = "SELECT 1 AS a, 'x,y' AS b, NULL AS c UNION ALL SELECT 2, 'z', 'w' ORDER BY 1";
  for (const options of [
    ['-c', query],
    ['-c', `${query}; SELECT 3`],
    ['-c', query, '-c', 'SELECT 4'],
    ['-c', 'SELECT 1; SELECT nope', '-c', 'SELECT 5'],
    ['-c', 'SELECT nope'],
    ['-v', 'ON_ERROR_STOP=1', '-c', 'SELECT nope', '-c', 'SELECT 5'],
    ['-Atc', query],
    ['-At', '-F', ';', '-R', '#', '-c', query],
    ['-zAc', query],
    ['-0Atc', query],
    ['--csv', '-c', query],
    ['-x', '-c', query],
    ['-xAt', '-c', query],
    ['-P', 'null=NIL', '-P', 'border=2', '-c', query],
    ['-qtc', query],
    ['-a', '-c', query],
    ['-e', '-c', query],
    ['-1', '-c', 'SELECT 1', '-c', 'SELECT 2'],
    ['-v', 'n=7', '-f', '-'],
    ['-f', '/no/such/script'],
    ['-c', '\\echo one two'],
    ['-c', '\\conninfo'],
    ['-c', '\\nothing'],
    ['nodatabase', '-c', 'SELECT 1'],
  ]) {
    if (options.includes('nodatabase')) {
      const ours = rustydb(server.port, ['sql', ...options]);
      t.is(ours.status, 2);
      t.regex(ours.stderr, /^rustydb: error: connection to server at .* failed: FATAL: /);
      continue;
    }
    compare(t, options, options.includes('-f') ? 'SELECT :n;\nSELECT nope;\n' : '');
  }
});

test('psql: what comes on standard input', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  compare(t, [], 'SELECT 1;\nSELECT nope;\n-- a comment\nSELECT 2 -- no semicolon');
  compare(t, ['-v', 'ON_ERROR_STOP=1'], 'SELECT nope;\nSELECT 2;\n');
  compare(t, ['-S'], 'SELECT 1\nSELECT 2\n');
  compare(t, ['-b'], 'SELECT nope;\n');
  compare(t, [], "\\set x 'it''s'\nSELECT :'x', :\"x\", :'y';\n");
  compare(t, [], '\\i /dev/null\n\\q\nSELECT 1;\n');
});

test('scripts that cannot be read', (t) => {
  const input = Buffer.from("SELECT 1;\nSELECT '\xe9';\n", 'latin1');
  t.deepEqual(rustydb(server.port, ['sql'], { input }), {
    status: 1,
    stdout: '',
    stderr: 'could not read from input file: line 2: invalid byte sequence for encoding "UTF8"\n',
  });
  t.deepEqual(rustydb(server.port, ['sql', '-f', import.meta.dirname]), {
    status: 1,
    stdout: '',
    stderr: `rustydb:${import.meta.dirname}: error: could not read from input file: Is a directory\n`,
  });
  const marked = rustydb(server.port, ['sql', '-At'], { input: '\ufeffSELECT 5\r\n;' });
  t.is(marked.stdout, '5\n');
});

test('rows that stream are the same as rows that are gathered', (t) => {
  if (!hasOutside(t, 'psql', 'postgresql-client')) return;
  const query = "SELECT i, repeat('x', i % 50) AS t FROM generate_series(1, 60000) AS g(i)";
  for (const options of [['-A'], ['--csv'], ['-At'], []]) {
    const ours = rustydb(server.port, ['sql', ...options, '-c', query]);
    const theirs = psql([...options, '-c', query], '');
    t.true(ours.stdout.length > 1024 * 1024);
    t.true(ours.stdout === theirs.stdout, options.join());
  }
});
