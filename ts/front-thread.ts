// The entry of a further front thread: listeners of its own on the ports that the main thread bound.
// The kernel divides new connections among the listeners (SO_REUSEPORT).
import { parentPort, workerData } from 'node:worker_threads';
import type { AuditEvent } from './audit/index.ts';
import type { FromFront, FrontReport, FrontThreadData, ToFront } from './fronts/index.ts';
import { type ConnectionReport, DoorPolicy, type DoorRules } from './gateway/index.ts';
import { Limits } from './limits/index.ts';
import { createLogger, standardErrorSink } from './monitoring/index.ts';
import { FrontLane } from './rest/front-lane.ts';
import type { LaneAnswer, LaneQuestion, ToLane } from './rest/lane/lane-messages.ts';
import { systemClock } from './util/clock.ts';
import { Relay } from './util/relay.ts';
import { SqlListener } from './wire/sql-listener.ts';

/** How often a draining front looks whether its connections have gone. */
const DRAIN_POLL_MS = 20;
/** Lines and events that wait to be handed to the main thread. */
const RELAYED_MAX = 1000;

const data = workerData as FrontThreadData;
const sink = standardErrorSink();
const lines = new Relay<string>({
  name: 'front_lines',
  clock: systemClock,
  cap: RELAYED_MAX,
  send: (entries) => report({ lines: entries }),
});
const events = new Relay<AuditEvent>({
  name: 'front_events',
  clock: systemClock,
  cap: RELAYED_MAX,
  send: (entries, droppedEvents) => report({ events: entries, droppedEvents }),
});
const recent = { add: (line: string) => lines.push(line) };
const log = createLogger({ ...data.log, sink, recent });
const record = (event: AuditEvent): void => events.push(event);
const limits =
  data.network.connectionRate > 0 ? new Limits({ handle: data.engineHandle }) : undefined;
const policy = new DoorPolicy(data.doorRules as DoorRules, limits);
const say = (message: FromFront): void => parentPort?.postMessage(message);

function report(part: Partial<FrontReport>): void {
  const nothing: FrontReport = { lines: [], events: [], droppedEvents: 0 };
  say({ kind: 'report', report: { ...nothing, ...part } });
}

const sql = new SqlListener({
  engineHandle: data.engineHandle,
  config: { ...data.network, port: data.ports.sql, unixSocket: undefined },
  log,
  clock: systemClock,
  sharesPort: true,
  record,
  thread: data.thread,
  policy,
});
const lane = new FrontLane({
  data,
  log,
  clock: systemClock,
  record,
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
  events.flush();
  lines.flush();
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
    case 'config':
      sql.configure(message.config.network);
      lane.configure(message.config);
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
