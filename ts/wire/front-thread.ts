// The entry of a further front thread: a listener of its own on the port that the first one bound.
// The kernel divides new connections among the listeners (SO_REUSEPORT).
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger, standardErrorSink } from '../monitoring/index.ts';
import { systemClock } from '../util/clock.ts';
import type { FrontCommand, FrontThreadData } from './front-threads.ts';
import { SqlListener } from './sql-listener.ts';

/** How often a draining front looks whether its connections have gone. */
const DRAIN_POLL_MS = 20;

const data = workerData as FrontThreadData;
const sink = standardErrorSink();
const log = createLogger({ ...data.log, sink });
const listener = new SqlListener({
  engineHandle: data.engineHandle,
  config: data.network,
  log,
  clock: systemClock,
  sharesPort: true,
});
await listener.listen();

async function drain(): Promise<void> {
  listener.stopAccepting();
  listener.terminateAll();
  while (listener.size > 0) await systemClock.sleep(DRAIN_POLL_MS);
  listener.close();
  sink.flush();
  parentPort?.close();
}

parentPort?.on('message', (command: FrontCommand) => {
  if (command === 'drain') void drain();
  else listener.destroyAll();
});
parentPort?.postMessage('listening');
