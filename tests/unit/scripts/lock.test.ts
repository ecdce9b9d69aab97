import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { withLock } from '../../../scripts/lib/lock.js';

function scratch(t: { teardown(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

const noWait = () => {
  throw new Error('waited');
};

test('the lock is held during the body and gone after it, even if it throws', (t) => {
  const path = join(scratch(t), 'lock');
  t.is(
    withLock(path, () => readFileSync(path, 'utf8'), noWait),
    String(process.pid),
  );
  t.throws(
    () =>
      withLock(
        path,
        () => {
          throw new Error('body');
        },
        noWait,
      ),
    { message: 'body' },
  );
  t.false(existsSync(path));
});

test('the lock of a process that is gone is taken over', (t) => {
  const path = join(scratch(t), 'lock');
  writeFileSync(path, '4194305'); // above the largest process id of Linux
  t.is(
    withLock(path, () => readFileSync(path, 'utf8'), noWait),
    String(process.pid),
  );
});

test('processes that want it at once have it one after the other', async (t) => {
  const folder = scratch(t);
  const module = new URL('../../../scripts/lib/lock.js', import.meta.url).href;
  const journal = join(folder, 'journal');
  const script = `
    const { appendFileSync } = await import('node:fs');
    const { withLock } = await import(${JSON.stringify(module)});
    withLock(${JSON.stringify(join(folder, 'lock'))}, () => {
      for (const word of ['in', 'out']) appendFileSync(${JSON.stringify(journal)}, word + ' ' + process.pid + '\\n');
    }, () => {});`;
  const run = () =>
    new Promise<number | null>((resolve) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
      child.on('close', resolve);
    });
  t.deepEqual(await Promise.all([run(), run(), run(), run()]), [0, 0, 0, 0]);
  const lines = readFileSync(journal, 'utf8').trim().split('\n');
  t.is(lines.length, 8);
  for (let index = 0; index < lines.length; index += 2) {
    t.is(lines[index]?.replace('in', 'out'), lines[index + 1]);
  }
});
