import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const SCRIPT = join(import.meta.dirname, '../../../scripts/check-tools.js');

function checkTools(path: string) {
  const env = { ...process.env, PATH: path, CXX: '' };
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8', env });
  return { status, lines: stderr.trim().split('\n') };
}

test('each missing tool is one line that names it and what brings it', (t) => {
  const { status, lines } = checkTools('/nonexistent');
  t.is(status, 1);
  t.deepEqual(
    lines.map((line) => /^missing (.+?): install .+/.exec(line)?.[1]),
    ['npm', 'cargo', 'g++', 'python3', 'pip of python3'],
  );
});

test('a cargo that is too old is named', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-tools-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'cargo'), '#!/bin/sh\necho cargo 1.80.1 \\(abc 2024-01-01\\)\n');
  chmodSync(join(folder, 'cargo'), 0o755);
  const { lines } = checkTools(folder);
  t.true(
    lines.includes('missing cargo 1.95: install it with `rustup update stable`'),
    lines.join('\n'),
  );
});

test('where every tool is there it says so', (t) => {
  t.deepEqual(checkTools(process.env.PATH ?? ''), { status: 0, lines: ['every tool is there'] });
});
