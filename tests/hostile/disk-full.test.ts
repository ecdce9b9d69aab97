// A disk that fills while clients write: statements fail with 53100, reads go on, nothing that was
// acknowledged is lost, and with room again the server starts and writes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';

const SCENE = join(import.meta.dirname, 'disk-full.ts');

// A file system of its own needs a name space of its own, which the system may not allow.
test('a full disk: errors, no loss, and a new start with room', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-disk-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const allowed = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', folder]);
  if (allowed.status !== 0) {
    t.log('skipped: mount: the system allows no file system of its own (Linux: user namespaces)');
    t.pass();
    return;
  }
  const ended = spawnSync('unshare', ['-rm', process.execPath, SCENE, folder], {
    encoding: 'utf8',
    timeout: 110_000,
  });
  t.is(ended.status, 0, `${ended.stdout}${ended.stderr}`);
  t.log(ended.stdout);
});
