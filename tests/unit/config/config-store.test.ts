import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type ConfigStore, openConfig, type Sources } from '../../../ts/config/index.ts';
import { systemClock } from '../../../ts/util/clock.ts';

const BY = { by: 'ann', origin: 'request', source: 'a test' } as const;

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-config-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store over a folder; `toml` is the file, which may change. */
function storeOf(folder: string, own: Partial<Sources> = {}, toml = { text: '' }): ConfigStore {
  const path = join(folder, 'rustydb.toml');
  const read = (at: string) => (existsSync(at) ? readFileSync(at, 'utf8') : undefined);
  return openConfig(
    {
      flags: [['data.path', folder]],
      environment: {},
      configPath: path,
      readFile: (at) => (at === path ? toml.text : read(at)),
      memoryBytes: 2 ** 30,
      ...own,
    },
    systemClock,
  );
}

test('a live key changes at once, another one at the next start; both are kept', async (t) => {
  const folder = folderOf(t);
  const store = storeOf(folder);
  const seen: number[] = [];
  store.subscribe(({ pool }) => seen.push(pool.acquireTimeoutMs));
  const report = await store.change({ pool: { acquire_timeout: '10s' }, 'api.port': 1234 }, BY);
  t.deepEqual(report, {
    version: 2,
    changed: [
      { key: 'api.port', from: 8080, to: 1234, effect: 'restart' },
      { key: 'pool.acquire_timeout', from: '30s', to: '10s', effect: 'now' },
    ],
    restartNeeded: ['api.port'],
  });
  t.deepEqual(seen, [10_000]);
  t.deepEqual([store.config.pool.acquireTimeoutMs, store.config.api.port], [10_000, 8080]);
  const next = storeOf(folder);
  t.deepEqual([next.config.pool.acquireTimeoutMs, next.config.api.port], [10_000, 1234]);
  t.deepEqual([next.version, next.restartNeeded], [2, []]);
  t.is(next.sourceOf('api.port'), `file ${join(folder, 'config.auto.json')}`);
});

test('a tree, dotted keys, names of files and of answers all mean the same', async (t) => {
  const store = storeOf(folderOf(t));
  const spellings = [
    { pool: { acquire_timeout: '1s' } },
    { 'pool.acquire_timeout': '2s' },
    { pool: { acquireTimeoutMs: 3000 } },
    { 'pool.acquire_timeout_secs': 4 },
  ];
  for (const [at, tree] of spellings.entries()) {
    await store.change(tree, BY);
    t.is(store.config.pool.acquireTimeoutMs, (at + 1) * 1000);
  }
  await store.change({ 'pool.acquire_timeout': null }, BY);
  t.is(store.config.pool.acquireTimeoutMs, 30_000);
});

test('what is wrong changes nothing, and is told with key, value, what is allowed, source', async (t) => {
  const folder = folderOf(t);
  const store = storeOf(folder);
  const faults: readonly [object, RegExp][] = [
    [{ 'pool.mx_size': 1 }, /^pool\.mx_size = 1 \(a test\): no such key .* pool\.max_size\?$/],
    [
      { pool: { max_size: 'many' } },
      /pool\.max_size = "many" \(a test\): allowed is an integer from 1/,
    ],
    [
      { pool: { min_size: 101 } },
      /pool\.min_size = 101 \(a test\): allowed is at most pool\.max_size/,
    ],
    [
      { 'pool.max_size': 3 },
      /pool\.min_size = the default \(default\): allowed is at most pool.max_size \(pool\.max_size = 3\)/,
    ],
    [{ 'data.path': '/x' }, /data\.path = "\/x" \(a test\): it cannot be changed while/],
    [{ a: { b: { c: { d: { e: 1 } } } } }, /a\.b\.c\.d = "\{\.\.\.\}" \(a test\): no such key/],
    [{ __proto__x: 1, 'monitoring.slow_query_ms': [1] }, /no such key/],
  ];
  for (const [tree, message] of faults) {
    await t.throwsAsync(store.change({ 'pool.acquire_timeout': '1s', ...tree }, BY), { message });
  }
  t.is(store.version, 1);
  t.is(store.config.pool.acquireTimeoutMs, 30_000);
  t.false(existsSync(join(folder, 'config.auto.json')));
});

test('of two writers who saw one version the second is refused', async (t) => {
  const store = storeOf(folderOf(t));
  const both = await Promise.allSettled([
    store.change({ 'pool.max_size': 50 }, { ...BY, expected: 1 }),
    store.change({ 'pool.max_size': 60 }, { ...BY, expected: 1 }),
  ]);
  t.deepEqual(
    both.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  );
  const { reason } = both[1] as PromiseRejectedResult;
  t.deepEqual([reason.code, reason.details], ['SERIALIZATION_FAILURE', { version: 2 }]);
  t.is(store.config.pool.maxSize, 50);
});

test('a rollback sets what was so then, as a version of its own', async (t) => {
  const store = storeOf(folderOf(t));
  await store.change({ 'pool.max_size': 50 }, BY);
  await store.change({ 'pool.max_size': 60, 'pool.fair_queue': false }, BY);
  await store.rollback(undefined, { ...BY, origin: 'rollback' });
  t.deepEqual([store.version, store.config.pool.maxSize], [4, 50]);
  await store.rollback(3, BY);
  t.deepEqual([store.config.pool.maxSize, store.config.pool.fairQueue], [60, false]);
  t.deepEqual(store.diff(1, 4), [{ key: 'pool.max_size', from: 100, to: 50, effect: 'now' }]);
  t.deepEqual(
    store.diff(5, 2).map(({ key, to }) => [key, to]),
    [
      ['pool.fair_queue', true],
      ['pool.max_size', 50],
    ],
  );
  await t.throwsAsync(store.rollback(99, BY), {
    message: /version 99 of the configuration not found/,
  });
});

test('a flag and the environment are stronger than what is set at run time', async (t) => {
  const folder = folderOf(t);
  const flags: Sources['flags'] = [
    ['data.path', folder],
    ['pool.max_size', '70'],
  ];
  const store = storeOf(folder, { flags });
  const { changed } = await store.change({ 'pool.max_size': 80 }, BY);
  const setBy = 'flag --pool.max_size';
  t.deepEqual(changed, [{ key: 'pool.max_size', from: null, to: 80, effect: 'never', setBy }]);
  t.is(store.config.pool.maxSize, 70);
  // Without the flag it is what was set.
  t.is(storeOf(folder).config.pool.maxSize, 80);
});

test('the file is read anew; what was set at run time stays above it', async (t) => {
  const toml = { text: '[pool]\nmax_size = 50\n' };
  const store = storeOf(folderOf(t), {}, toml);
  await store.change({ 'pool.acquire_timeout': '1s' }, BY);
  toml.text = '[pool]\nmax_size = 60\nacquire_timeout = "9s"\n';
  const { changed } = await store.reload({ ...BY, origin: 'file' });
  t.deepEqual(changed, [{ key: 'pool.max_size', from: 50, to: 60, effect: 'now' }]);
  t.is(store.config.pool.acquireTimeoutMs, 1000);
  toml.text = '[pool]\nmax_size = 1\n';
  await t.throwsAsync(store.reload(BY), { message: /allowed is at most pool\.max_size/ });
  t.is(store.config.pool.maxSize, 60);
  // The file that is wrong is nobody's concern but who reads it.
  await store.change({ 'pool.fair_queue': false }, BY);
  t.deepEqual([store.config.pool.maxSize, store.config.pool.fairQueue], [60, false]);
});

test('versions are bounded, and those that are kept outlive the process', async (t) => {
  const folder = folderOf(t);
  const store = storeOf(folder);
  for (let size = 101; size < 221; size += 1) await store.change({ 'pool.max_size': size }, BY);
  t.is(store.versions().length, 100);
  const next = storeOf(folder);
  t.deepEqual(next.versions(), store.versions());
  t.is(next.versions()[0]?.version, 121);
});

test('a file that the server did not write stops the start', (t) => {
  const folder = folderOf(t);
  const path = join(folder, 'config.auto.json');
  for (const text of ['{', '{"versions":[{}]}', '[]', 'null']) {
    writeFileSync(path, text);
    const error = t.throws(() => storeOf(folder));
    t.true(error?.message.startsWith(path), error?.message);
  }
});
