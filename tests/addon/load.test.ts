import { Worker } from 'node:worker_threads';
import test from 'ava';

const native = new URL('../../ts/native/index.ts', import.meta.url);

/** What a worker runs: open an engine in memory, ask it, close it, say what it answered. */
const SOURCE = `
  const { parentPort } = require('node:worker_threads');
  import(${JSON.stringify(native.href)}).then(async ({ Engine }) => {
    const engine = await Engine.open({
      path: ':memory:',
      bufferPoolBytes: 16 * 1024 * 1024,
      sync: 'off',
      maxSessions: 4,
    });
    const names = Object.keys(engine.statistics()).length;
    await engine.close();
    parentPort.postMessage(names);
  });
`;

function openInWorker(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(SOURCE, { eval: true });
    let names = 0;
    worker.on('message', (value: number) => {
      names = value;
    });
    worker.on('error', reject);
    worker.on('exit', () => resolve(names));
  });
}

test('the addon loads, opens an engine in memory and closes it', async (t) => {
  const { Engine } = await import('../../ts/native/index.ts');
  const engine = await Engine.open({
    path: ':memory:',
    bufferPoolBytes: 16 * 1024 * 1024,
    sync: 'off',
    maxSessions: 4,
  });
  t.true(Object.keys(engine.statistics()).length > 0);
  await engine.close();
  t.throws(() => engine.statistics(), { message: 'the engine is closed' });
});

test('worker threads load it too, one after the other and at once', async (t) => {
  const first = await openInWorker();
  t.true(first > 0);
  t.deepEqual(await Promise.all([openInWorker(), openInWorker()]), [first, first]);
});
