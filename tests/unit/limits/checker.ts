// A worker thread that checks a client of an engine that another thread has open.
import { parentPort, workerData } from 'node:worker_threads';
import { Limits, PHASE } from '../../../ts/limits/index.ts';
import { Engine } from '../../../ts/native/index.ts';
import { ATTRIBUTES } from './support.ts';

const { handle, checks } = workerData as { handle: number; checks: number };

const client = new Limits(Engine.shared(handle)).client(ATTRIBUTES);
let allowed = 0;
for (let check = 0; check < checks; check += 1) {
  if (client.check(PHASE.all)?.retryAfterMs === 0) allowed += 1;
}
parentPort?.postMessage(allowed);
