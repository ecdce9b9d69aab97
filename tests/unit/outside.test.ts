import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { SKIPPED } from '../../scripts/lib/ava.js';
import { hasOutside } from '../support/outside.ts';

test('a program that is there is there', (t) => {
  t.true(hasOutside(t, 'node', 'nodejs'));
});

test('an absent program is seen as skipped in what ava prints', (t) => {
  const root = join(import.meta.dirname, '../..');
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-outside-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const outside = join(root, 'tests/support/outside.ts');
  writeFileSync(
    join(folder, 'absent.test.mjs'),
    `import test from 'ava';
     import { hasOutside } from ${JSON.stringify(outside)};
     test('needs it', (t) => { hasOutside(t, 'no-such-program', 'no-such-package'); });`,
  );
  writeFileSync(join(folder, 'package.json'), '{"ava":{"files":["*.test.mjs"]}}');
  const ava = join(root, 'node_modules/.bin/ava');
  const { stdout } = spawnSync(process.execPath, [ava, '--tap'], { cwd: folder, encoding: 'utf8' });
  const found = stdout
    .split('\n')
    .map((line) => SKIPPED.exec(line))
    .find((match) => match !== null);
  t.deepEqual(
    found?.slice(1),
    ['no-such-program', 'needs it needs it (Debian: no-such-package)'],
    stdout,
  );
});
