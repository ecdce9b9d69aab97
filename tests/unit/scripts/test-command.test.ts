// `npm test` itself, on made-up runners: its last line, its exit code.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const SCRIPTS = join(import.meta.dirname, '../../../scripts');

function runTests(
  t: { teardown(fn: () => void): void },
  runners: Readonly<Record<string, string>>,
  args: readonly string[] = [],
) {
  const root = mkdtempSync(join(tmpdir(), 'rustydb-test-command-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'scripts/runners'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  cpSync(join(SCRIPTS, 'test.js'), join(root, 'scripts/test.js'));
  cpSync(join(SCRIPTS, 'lib'), join(root, 'scripts/lib'), { recursive: true });
  for (const [name, run] of Object.entries(runners)) {
    writeFileSync(
      join(root, `scripts/runners/${name}.js`),
      `export const runner = { name: '${name}', what: 'made up', run: ${run} };`,
    );
  }
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'scripts/test.js'), ...args], {
    encoding: 'utf8',
  });
  return { status, stdout, last: stdout.trimEnd().split('\n').at(-1) };
}

const GOOD = 'async () => ({ passed: 3, failed: [], skipped: [] })';
const BAD = "async () => ({ passed: 1, failed: [{ name: 'x', why: 'y' }], skipped: [] })";
const THROWS = "async () => { throw new Error('no compiler'); }";
const ABSENT =
  "async () => ({ passed: 1, failed: [], skipped: [{ name: 'psql', why: 'Debian: postgresql-client' }] })";

test('the counts of all runners are added up in the last line', (t) => {
  t.like(runTests(t, { a: GOOD, b: GOOD }), { status: 0, last: '6 passed, 0 failed' });
});

test('a failure anywhere is an exit code, and named', (t) => {
  const { status, stdout, last } = runTests(t, { a: BAD, b: GOOD });
  t.is(status, 1);
  t.is(last, '4 passed, 1 failed');
  t.regex(stdout, /^failed: a: x$/m);
});

test('a runner that throws is a failure', (t) => {
  t.like(runTests(t, { a: THROWS, b: GOOD }), { status: 1, last: '3 passed, 1 failed' });
});

test('what is skipped is counted and named with its package', (t) => {
  const { status, stdout, last } = runTests(t, { a: ABSENT });
  t.is(status, 0);
  t.is(last, '1 passed, 0 failed, 1 skipped');
  t.regex(stdout, /^skipped: a: psql: Debian: postgresql-client$/m);
});

test('runners are chosen by name; a wrong name is an error; nothing run is no success', (t) => {
  t.like(runTests(t, { a: BAD, b: GOOD }, ['b']), { status: 0, last: '3 passed, 0 failed' });
  t.is(runTests(t, { a: GOOD }, ['c']).status, 1);
  t.is(runTests(t, { a: 'async () => ({ passed: 0, failed: [], skipped: [] })' }).status, 1);
});
