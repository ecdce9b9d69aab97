import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const MAIN = join(import.meta.dirname, '../../../ts/main.ts');

function rustydb(args: readonly string[], cwd?: string) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('RUSTYDB_')),
  );
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: 'utf8',
    cwd,
    env,
  });
  return { status, stdout, stderr };
}

test('help and version go to standard output', (t) => {
  t.like(rustydb(['version']), { status: 0, stderr: '' });
  t.regex(rustydb(['version']).stdout, /^rustydb \d+\.\d+\.\d+\n$/);
  t.regex(rustydb(['--help']).stdout, /^Usage: rustydb \[COMMAND\]/);
  t.regex(rustydb(['start', '--help']).stdout, /--network\.port/);
});

test('what is not there says so, with exit code 2', (t) => {
  t.deepEqual(rustydb(['backup']), {
    status: 2,
    stdout: '',
    stderr: 'rustydb: backup is not implemented in this version\n',
  });
});

test('wrong configuration is one line and exit code 2', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-main-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'rustydb.toml'), '[network]\nport = "many"\n');
  t.deepEqual(rustydb(['start'], folder), {
    status: 2,
    stdout: '',
    stderr:
      'rustydb: network.port = "many" (file ./rustydb.toml): allowed is an integer from 0 to 65535\n',
  });
  t.is(rustydb(['config', 'check'], folder).status, 2);
  const checked = rustydb(['config', 'check', '--network.port', '1'], tmpdir());
  t.is(checked.stdout, 'network.port = 1 (flag --network.port)\nthe configuration is correct\n');
});
