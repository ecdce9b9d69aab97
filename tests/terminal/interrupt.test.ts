// Ctrl-C half way: statements are cancelled, imports and exports leave nothing behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { eventually } from '../support/eventually.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { clientEnvironment, MAIN, rustydb, temporaryFolder } from './support.ts';

let server: TestServer;

test.before(async () => {
  server = await startTestServer();
});

test.after.always(async () => {
  await server?.stop();
});

interface Running {
  readonly child: ChildProcess;
  readonly stderr: () => string;
  readonly ended: Promise<number | null>;
}

function start(args: readonly string[]): Running {
  const env = clientEnvironment(server.port);
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin?.on('error', () => undefined);
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, stderr: () => stderr, ended };
}

const sql = (text: string): string =>
  rustydb(server.port, ['sql', '-Atq', '-c', text]).stdout.trimEnd();

const runs = (what: string) => async () =>
  sql(`SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '${what}%'`) !==
  '0';

test('sql: Ctrl-C cancels the statement, and the script goes on', async (t) => {
  const running = start(['sql', '-c', 'SELECT pg_sleep(600)', '-c', 'SELECT 5']);
  running.child.stdout?.resume();
  await eventually('the statement runs', runs('SELECT pg_sleep'));
  running.child.kill('SIGINT');
  t.is(await running.ended, 0);
  t.is(running.stderr(), 'ERROR:  canceling statement due to user request\n');
});

test('sql: Ctrl-C ends a script, and one that waits for its next line', async (t) => {
  const script = join(temporaryFolder(t), 'sleep.sql');
  writeFileSync(script, 'SELECT pg_sleep(601);\nSELECT 5;\n');
  const running = start(['sql', '-At', '-f', script]);
  const [out] = await Promise.all([
    text(running.child.stdout as Readable),
    eventually('the statement runs', runs('SELECT pg_sleep(601)')).then(() =>
      running.child.kill('SIGINT'),
    ),
  ]);
  t.is(await running.ended, 3);
  t.is(out, '');
  t.regex(running.stderr(), /^rustydb:.*:1: ERROR: {2}canceling statement/);

  const waiting = start(['sql', '-At']);
  waiting.child.stdin?.write('SELECT 1;\n');
  await once(waiting.child.stdout as Readable, 'data');
  waiting.child.kill('SIGINT');
  t.is(await waiting.ended, 3);
});

test('a reader that leaves early is no fault of the export', async (t) => {
  const query = 'SELECT i FROM generate_series(1, 10000000) AS g(i)';
  const running = start(['export', '--query', query]);
  await once(running.child.stdout as Readable, 'data');
  running.child.stdout?.destroy();
  t.is(await running.ended, 1);
  t.is(running.stderr(), '');
});

test('import: Ctrl-C half way leaves no table and no rows', async (t) => {
  const running = start(['import', '-', '--table', 'half', '--progress']);
  running.child.stdout?.resume();
  const row = '1,some text\n';
  running.child.stdin?.write(`a,b\n${row.repeat(200_000)}`);
  await eventually('the COPY runs', runs('COPY'));
  running.child.kill('SIGINT');
  t.is(await running.ended, 1);
  t.is(running.stderr(), 'rustydb: error: cancelled\nnothing was imported\n');
  t.is(sql("SELECT to_regclass('half')"), '');
});

test('export: Ctrl-C half way leaves no file', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'half.csv');
  const query = 'SELECT i, pg_sleep(0.001) FROM generate_series(1, 10000000) AS g(i)';
  const running = start(['export', '--query', query, path]);
  running.child.stdout?.resume();
  await eventually('the file is begun', async () => existsSync(`${path}.part`));
  await eventually('the COPY runs', runs('COPY'));
  running.child.kill('SIGINT');
  t.is(await running.ended, 1);
  t.is(running.stderr(), 'rustydb: error: cancelled\nnothing was exported\n');
  t.deepEqual(readdirSync(folder), []);
});

test('the server goes away half way: it is said, and the exit code tells', async (t) => {
  const own = await startTestServer();
  const env = { ...clientEnvironment(own.port) };
  const args = [MAIN, 'import', '-', '--table', 'lost'];
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.write(`a,b\n${'1,x\n'.repeat(300_000)}`);
  const client = [
    'sql',
    '-Atq',
    '-c',
    "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'COPY%'",
  ];
  await eventually('the COPY runs', async () => rustydb(own.port, client).stdout.trim() !== '0');
  const ended = once(child, 'close');
  await own.stop('SIGKILL');
  child.stdin.end('1,x\n');
  const [code] = await ended;
  t.is(code, 1);
  t.regex(stderr, /nothing was imported\n$/);
});

test('a reader that leaves early ends the client', async (t) => {
  const running = start(['sql', '-At', '-c', 'SELECT i FROM generate_series(1, 50000000) AS g(i)']);
  const [first] = (await once(running.child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer];
  t.true(first.toString().startsWith('1\n2\n'));
  running.child.stdout?.destroy();
  t.is(await running.ended, 1);
  t.is(running.stderr(), '');
});

test('a destination slower than the server holds the rows back', async (t) => {
  const path = join(temporaryFolder(t), 'rows');
  const running = start([
    'sql',
    '-At',
    '-o',
    path,
    '-c',
    'SELECT i FROM generate_series(1, 300000) AS g(i)',
  ]);
  running.child.stdout?.pipe(createWriteStream('/dev/null'));
  t.is(await running.ended, 0);
  t.true(existsSync(path));
});
