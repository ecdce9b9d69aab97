// A worker thread that writes to a database which another thread has open.
import { workerData } from 'node:worker_threads';
import { openShared } from '../../ts/index.ts';

const { handle, who, rows } = workerData as { handle: number; who: number; rows: number };

await using db = openShared(handle);
const insert = db.prepare('INSERT INTO shared (who) VALUES ($1)');
for (let row = 0; row < rows; row += 1) await insert.run(who);
