// The entry of a further front thread: listeners of its own on the ports that the main thread bound.
// The kernel divides new connections among the listeners (SO_REUSEPORT).
import { parentPort, workerData } from 'node:worker_threads';
import type { FromFront, FrontThreadData, ToFront } from './fronts/index.ts';
import { type ConnectionReport, DoorPolicy, type DoorRules } from './gateway/index.ts';
import { createLogger, standardErrorSink } from './monitoring/index.ts';
import { FrontLane } from './rest/front-lane.ts';
import type { LaneAnswer, LaneQuestion, ToLane } from './rest/lane/lane-messages.ts';
import { systemClock } from './util/clock.ts';
import { SqlListener } from './wire/sql-listener.ts';

/** How often a draining front looks whether its connections have gone. */
const DRAIN_POLL_MS = 20;

const data = workerData as FrontThreadData;
const sink = standardErrorSink();
const log = createLogger({ ...data.log, sink });
const policy = new DoorPolicy(data.doorRules as DoorRules);
const say = (message: FromFront): void => parentPort?.postMessage(message);

const sql = new SqlListener({
  engineHandle: data.engineHandle,
  config: { ...data.network, port: data.ports.sql, unixSocket: undefined },
  log,
  clock: systemClock,
  sharesPort: true,
  thread: data.thread,
  policy,
});
const lane = new FrontLane({
  data,
  log,
  clock: systemClock,
  policy,
  tell: (value) => say({ kind: 'tell', value }),
});
await sql.listen();
await lane.listen();

async function drain(): Promise<void> {
  sql.stopAccepting();
  sql.terminateAll();
  lane.stopAccepting();
  while (sql.size + lane.size > 0) await systemClock.sleep(DRAIN_POLL_MS);
  sql.close();
  lane.close();
  sink.flush();
  parentPort?.close();
}

/** What the lane answers, with what the SQL port has to add. */
function answer(question: LaneQuestion): LaneAnswer {
  const answered = lane.answer(question);
  if (question.kind === 'connections') {
    return [...(answered as readonly ConnectionReport[]), ...sql.reports()];
  }
  if (question.kind === 'closeConnection') return answered || sql.closeConnection(question.id);
  return answered;
}

parentPort?.on('message', (message: ToFront) => {
  switch (message.kind) {
    case 'drain':
      void drain();
      break;
    case 'cut':
      sql.destroyAll();
      lane.destroyAll();
      break;
    case 'tell':
      lane.onTell(message.value as ToLane);
      break;
    case 'ask': {
      const { question, value } = message;
      say({ kind: 'answer', question, value: answer(value as LaneQuestion) });
    }
  }
});
