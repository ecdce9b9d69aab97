// A thread whose clients take slots and give them back, and count how many have one at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { SlotPool } from '../../ts/native/index.ts';

const { engineHandle, shared, clients, rounds } = workerData as {
  engineHandle: number;
  shared: SharedArrayBuffer;
  clients: number;
  rounds: number;
};
const inUse = new Int32Array(shared);
const pool = new SlotPool(engineHandle);
let [taken, most] = [0, 0];

async function client(): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const slot = await pool.acquire(0);
    most = Math.max(most, Atomics.add(inUse, 0, 1) + 1);
    taken += 1;
    await new Promise((resolve) => setImmediate(resolve));
    Atomics.sub(inUse, 0, 1);
    pool.release(slot);
  }
}

await Promise.all(Array.from({ length: clients }, client));
pool.close(new Error('closed'));
parentPort?.postMessage({ taken, most });
