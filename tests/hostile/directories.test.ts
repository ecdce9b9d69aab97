// Starts that cannot succeed: one clear line, exit code 2 or 1, and nothing is changed.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { connection } from '../support/connection.ts';
import { startTestServer } from '../support/server.ts';

const MAIN = join(import.meta.dirname, '../../ts/main.ts');

function temporaryFolder(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-hostile-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const CONTROL_COPY_BYTES = 16 * 1024;
/** Of the format's version, behind the magic. */
const FORMAT_OFFSET = 8;

function withNewerFormat(control: Buffer): Buffer {
  const newer = Buffer.from(control);
  for (let at = 0; at < newer.length; at += CONTROL_COPY_BYTES) {
    newer.writeUInt32LE(99, at + FORMAT_OFFSET);
  }
  return newer;
}

/** Starts a server that must not become ready; gives what it says. */
function refusal(t: ExecutionContext, flags: readonly string[], folder: string): string {
  const all = [
    MAIN,
    'start',
    '--network.port',
    '0',
    '--api.port',
    '0',
    '--data.path',
    folder,
    ...flags,
  ];
  const ended = spawnSync(process.execPath, all, { encoding: 'utf8', timeout: 60_000 });
  t.is(ended.stdout, '', 'no ready line');
  t.not(ended.status, 0);
  t.not(ended.status, null, `it hangs: ${ended.stderr}`);
  return ended.stderr;
}

test('a second server on a directory is refused, and the first goes on', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const client = connection(server.port);
  await client.connect();
  await client.query('CREATE TABLE kept (a int); INSERT INTO kept VALUES (1)');
  t.regex(refusal(t, [], server.dataPath), /in use|another|lock/i);
  t.is((await client.query('SELECT * FROM kept')).rows.length, 1);
  await client.end();
});

test('a port in use is refused, and the directory is left well', async (t) => {
  const server = await startTestServer();
  t.teardown(() => server.stop());
  const folder = temporaryFolder(t);
  const said = refusal(t, ['--network.port', String(server.port)], folder);
  t.regex(said, new RegExp(`cannot listen on 127.0.0.1:${server.port}`));
  const later = await startTestServer({ dataPath: folder });
  t.is(await later.stop(), 0);
});

test('a directory that cannot be made, or is a file, is named', (t) => {
  t.regex(refusal(t, [], '/proc/rustydb-data'), /\/proc\/rustydb-data/);
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  writeFileSync(file, 'something else');
  t.regex(refusal(t, [], file), new RegExp(`${file}`));
  t.is(readFileSync(file, 'utf8'), 'something else');
});

test('a newer format is refused, by start and by verify, and left alone', async (t) => {
  const folder = temporaryFolder(t);
  const server = await startTestServer({ dataPath: folder });
  t.is(await server.stop(), 0);
  const control = join(folder, 'control');
  t.true(existsSync(control));
  const bytes = readFileSync(control);
  const newer = withNewerFormat(bytes);
  writeFileSync(control, newer);
  t.regex(refusal(t, [], folder), /format 99, this server knows formats up to/);
  const verify = spawnSync(process.execPath, [MAIN, 'verify', '--data.path', folder], {
    encoding: 'utf8',
  });
  t.not(verify.status, 0);
  t.deepEqual(readFileSync(control), newer);
  writeFileSync(control, bytes);
  const again = await startTestServer({ dataPath: folder });
  t.is(await again.stop(), 0);
});

for (const [flag, value] of [
  ['--data.buffer_pool_bytes', '1'],
  ['--data.buffer_pool_bytes', 'much'],
  ['--data.sync', 'sometimes'],
  ['--network.port', '70000'],
  ['--network.listen_addr', '0.0.0.0'],
  ['--no.such.key', '1'],
  ['--config', '/nowhere/rustydb.toml'],
] as const) {
  test(`wrong configuration is one line that names it: ${flag} ${value}`, (t) => {
    const folder = join(temporaryFolder(t), 'data');
    const said = refusal(t, [flag, value], folder).trim();
    t.is(said.split('\n').length, 1, said);
    t.true(said.includes(flag === '--config' ? value : flag.slice(2)), said);
    t.false(existsSync(folder));
  });
}
