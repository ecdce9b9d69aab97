import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import test from 'ava';

const addon = new URL('../../bindings/node/index.js', import.meta.url);

test('the addon loads and is of the version of the tree', async (t) => {
  const { version } = (await import(addon.href)) as { version(): string };
  const cargo = readFileSync(new URL('../../Cargo.toml', import.meta.url), 'utf8');
  const ours = /\[workspace\.package\]\s+version = "(.+)"/.exec(cargo)?.[1];
  t.is(version(), ours ?? 'none');
});

test('worker threads load it too, one after the other and at once', async (t) => {
  const source = `
    const { parentPort } = require('node:worker_threads');
    import(${JSON.stringify(addon.href)}).then(({ version }) => parentPort.postMessage(version()));
  `;
  const load = () =>
    new Promise<string>((resolve, reject) => {
      const worker = new Worker(source, { eval: true });
      let version = '';
      worker.on('message', (value: string) => {
        version = value;
      });
      worker.on('error', reject);
      worker.on('exit', () => resolve(version));
    });
  const first = await load();
  t.regex(first, /^\d+\.\d+\.\d+$/);
  t.deepEqual(await Promise.all([load(), load()]), [first, first]);
});
