// Slow clients beside quick ones: connections that say nothing, heads and bodies that trickle, answers
// that nobody reads. Each that the server closes is opened again at once. Prints how many queries a
// second the quick ones get alone, beside the slow ones, and alone again.
//
//   node tests/scale/slow-clients.ts [slow] [seconds] [quick]
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { startTestServer } from '../support/server.ts';

/** What of the undisturbed speed must be left. */
const SHARE_MIN = 0.9;
const TRICKLE_MS = 1000;

export interface SlowClientsOptions {
  readonly slow: number;
  readonly quick: number;
  /** Of each of the measurements. */
  readonly seconds: number;
  /** Of the slow phase and the quick ones before and behind it. */
  readonly rounds: number;
  report(line: string): void;
}

const BODY = JSON.stringify({ sql: 'SELECT 1 AS n' });
const HEAD =
  'POST /api/v1/query HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n' +
  'Content-Length: 100000\r\n\r\n';
const LONG = JSON.stringify({ sql: "SELECT repeat('x', 100000) AS long" });

/** What a slow client does once, and each second. */
const KINDS: readonly ((socket: Socket, second: number) => void)[] = [
  () => undefined,
  (socket, second) => socket.write(HEAD[second] ?? 'x'),
  (socket, second) => socket.write(second === 0 ? HEAD : 'x'),
  (socket, second) => {
    if (second > 0) return;
    socket.pause();
    socket.write(`${HEAD.replace('100000', String(LONG.length))}${LONG}`);
  },
];

/** Keeps so many slow connections open; counts those that were closed. */
function beSlow(port: number, count: number): void {
  let opened = 0;
  const open = (kind: number): void => {
    const act = KINDS[kind % KINDS.length] as (typeof KINDS)[number];
    const socket = connect({ host: '127.0.0.1', port });
    let second = 0;
    let timer: NodeJS.Timeout | undefined;
    socket.on('connect', () => {
      opened += 1;
      if (opened === count) parentPort?.postMessage('open');
      if (kind % KINDS.length !== 3) socket.resume();
      act(socket, second);
      timer = setInterval(() => {
        second += 1;
        if (!socket.destroyed) act(socket, second);
      }, TRICKLE_MS);
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(timer);
      open(kind);
    });
  };
  for (let kind = 0; kind < count; kind += 1) open(kind);
}

/** Queries a second that so many clients get. */
async function speedOf(port: number, clients: number, seconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const headers = { 'content-type': 'application/json', 'content-length': BODY.length };
  const target = { host: '127.0.0.1', port, agent, method: 'POST', path: '/api/v1/query', headers };
  let count = 0;
  const start = performance.now();
  const end = start + seconds * 1000;
  const one = async (): Promise<void> => {
    while (performance.now() < end) {
      await new Promise<void>((resolve, reject) => {
        const asked = request(target, (response) => {
          if (response.statusCode === 200) count += 1;
          response.resume().on('end', resolve);
        });
        asked.on('error', reject);
        asked.end(BODY);
      });
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
  agent.destroy();
  return (count * 1000) / (performance.now() - start);
}

/** One of them, so that what else the machine does in one round counts little. */
const middle = (all: readonly number[]): number =>
  all.toSorted((one, other) => one - other)[Math.floor(all.length / 2)] ?? 0;

/** Gives what share of the speed is left beside slow clients. */
export async function runSlowClients(options: SlowClientsOptions): Promise<number> {
  const { slow, quick, seconds, rounds, report } = options;
  const server = await startTestServer({ flags: ['--api.header_timeout', '5s'] });
  const port = server.httpPort;
  const alone: number[] = [];
  const beside: number[] = [];
  try {
    await speedOf(port, quick, 1);
    for (let round = 0; round < rounds; round += 1) {
      alone.push(await speedOf(port, quick, seconds));
      const worker = new Worker(import.meta.filename, { workerData: { port, slow } });
      await new Promise((resolve) => worker.once('message', resolve));
      beside.push(await speedOf(port, quick, seconds));
      await worker.terminate();
      // What was closed at once is cleared away.
      await sleep(500);
      alone.push(await speedOf(port, quick, seconds));
    }
  } finally {
    await server.stop();
  }
  const share = middle(beside) / middle(alone);
  const shown = (all: readonly number[]) => all.map((one) => one.toFixed(0)).join(', ');
  report(`alone: ${shown(alone)} queries a second`);
  report(`beside ${slow} slow clients: ${shown(beside)}`);
  report(`share that is left: ${(share * 100).toFixed(1)} %`);
  return share;
}

if (!isMainThread) {
  const { port, slow } = workerData as { readonly port: number; readonly slow: number };
  beSlow(port, slow);
} else if (import.meta.main) {
  const [slow = 2000, seconds = 3, quick = 16] = process.argv.slice(2).map(Number);
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const share = await runSlowClients({ slow, seconds, quick, rounds: 5, report });
  process.exitCode = share >= SHARE_MIN ? 0 : 1;
}
