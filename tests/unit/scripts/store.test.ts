import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { filesBelow, hashOf } from '../../../scripts/lib/stamp.js';

function scratch(t: { teardown(fn: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-store-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('the hash of a tree follows names, contents and words, and leaves dot files out', (t) => {
  const folder = scratch(t);
  const hash = (word = 'w') => hashOf([word], filesBelow(folder));
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a/b'), 'one');
  const first = hash();
  t.is(hash(), first);
  writeFileSync(join(folder, '.stamp'), 'x');
  t.is(hash(), first);
  t.not(hash('v'), first);
  writeFileSync(join(folder, 'a/b'), 'two');
  t.not(hash(), first);
  writeFileSync(join(folder, 'a/b'), 'one');
  t.is(hash(), first);
  renameSync(join(folder, 'a/b'), join(folder, 'a/c'));
  t.not(hash(), first);
});

test('products are found by hash, replace what is there, and only the last few are kept', (t) => {
  const folder = scratch(t);
  const module = new URL('../../../scripts/lib/store.js', import.meta.url).href;
  const script = `
    const { fetchProduct, keepProduct } = await import(${JSON.stringify(module)});
    const { writeFileSync } = await import('node:fs');
    for (let n = 0; n < 9; n += 1) {
      writeFileSync('made', 'product ' + n);
      keepProduct('kind', 'hash' + n, [process.cwd() + '/made']);
    }
    console.log(fetchProduct('kind', 'hash8', 'place'), fetchProduct('kind', 'none', 'place'));`;
  mkdirSync(join(folder, 'place'));
  writeFileSync(join(folder, 'place/made'), 'old');
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: folder,
    env: { ...process.env, XDG_CACHE_HOME: join(folder, 'cache') },
    encoding: 'utf8',
  });
  t.is(stdout.trim(), 'true false', stderr);
  t.is(readFileSync(join(folder, 'place/made'), 'utf8'), 'product 8');
  t.is(readdirSync(join(folder, 'cache/rustydb/kind')).length, 6);
  t.true(existsSync(join(folder, 'cache/rustydb/kind/hash8')));
});
