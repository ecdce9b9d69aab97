// The pool from two worker threads at once: one line, one count of slots, whoever calls.
import { Worker } from 'node:worker_threads';
import test, { type ExecutionContext } from 'ava';
import { Engine, type PoolOptions, SlotPool } from '../../ts/native/index.ts';
import { smallPoolOptions } from '../../ts/pool/index.ts';

const TAKER = new URL('./taker.ts', import.meta.url);

async function engineOf(t: ExecutionContext, change: Partial<PoolOptions>): Promise<Engine> {
  const engine = await Engine.open({
    path: ':memory:',
    bufferPoolBytes: 4 * 1024 * 1024,
    sync: 'off',
    maxSessions: 100,
  });
  SlotPool.configure(engine.handle, { ...smallPoolOptions(1), ...change });
  t.teardown(() => engine.close());
  return engine;
}

/** Runs takers in threads of their own; what each saw. */
function takers(
  engineHandle: number,
  count: number,
  work: { clients: number; rounds: number },
): Promise<readonly { taken: number; most: number }[]> {
  const shared = new SharedArrayBuffer(4);
  const one = (): Promise<{ taken: number; most: number }> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(TAKER, { workerData: { engineHandle, shared, ...work } });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
  return Promise.all(Array.from({ length: count }, one));
}

for (const threads of [1, 2]) {
  test(`slots are never more than there are, from ${threads} threads`, async (t) => {
    const engine = await engineOf(t, { maxSize: 3 });
    const seen = await takers(engine.handle, threads, { clients: 20, rounds: 50 });
    for (const { taken, most } of seen) {
      t.is(taken, 20 * 50);
      t.true(most <= 3);
    }
    const pool = new SlotPool(engine.handle);
    const { acquired, active, waiting, total } = pool.statistics();
    t.deepEqual([acquired, active, waiting, total], [threads * 1000, 0, 0, 3]);
    pool.close(new Error('closed'));
  });

  test(`a thread that ends takes its waiters with it, ${threads} of them`, async (t) => {
    const engine = await engineOf(t, { maxSize: 1 });
    const pool = new SlotPool(engine.handle);
    const slot = pool.acquire(0) as number;
    const waiting = Array.from({ length: threads }, () => new SlotPool(engine.handle));
    const refused = waiting.map((of) => (of.acquire(0) as Promise<number>).catch(() => 'left'));
    t.is(pool.statistics().waiting, threads);
    for (const of of waiting) of.close(new Error('left'));
    t.deepEqual(await Promise.all(refused), Array(threads).fill('left'));
    t.is(pool.statistics().waiting, 0);
    pool.release(slot);
    t.throws(() => pool.release(slot), { code: 'OBJECT_IN_USE' });
    pool.close(new Error('closed'));
  });
}
