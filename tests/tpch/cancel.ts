// How long a statement goes on after it was cancelled: each query of TPC-H and statements that sort,
// group, index and write much are cancelled at random moments of their life.
//
//   node tests/tpch/cancel.ts [--times 5] [--seed 1] [--only 18,sort] [--rustydb PORT] [--folder F]
//
// Needs a database that `run.ts` has loaded (in its `folder`, or of the server on that port). Prints
// for each statement the milliseconds from the request to the error, and the percentiles of all.

import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { startTestServer } from '../support/server.ts';
import { connect, type Peer } from './peer.ts';

const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '5' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    rustydb: { type: 'string' },
    'work-mem': { type: 'string', default: '64MB' },
  },
});
const times = Number(values.times);
const folder = values.folder ?? join(tmpdir(), 'tpch-1');
const report = (line: string): boolean => process.stdout.write(`${line}\n`);

interface Statement {
  readonly name: string;
  readonly text: string;
}

const OTHERS: readonly Statement[] = [
  { name: 'sort', text: 'select * from lineitem order by l_comment offset 100000000' },
  { name: 'sort-int', text: 'select l_partkey from lineitem order by 1 offset 100000000' },
  { name: 'group', text: 'select l_comment, count(*) from lineitem group by 1 offset 100000000' },
  { name: 'group-int', text: 'select l_orderkey, sum(l_tax) from lineitem group by 1 offset 9e8' },
  { name: 'distinct', text: 'select count(distinct l_orderkey) from lineitem' },
  {
    name: 'ordered',
    text: 'select array_length(array_agg(l_tax order by l_partkey), 1) from lineitem',
  },
  { name: 'window', text: 'select sum(l_tax) over (order by l_partkey) from lineitem offset 9e8' },
  { name: 'series', text: 'select count(*) from generate_series(1, 100000000)' },
  { name: 'loop', text: 'select count(*) from part a, part b where a.p_size + b.p_size = 0' },
  { name: 'like', text: "select count(*) from lineitem where l_comment ~ '(a|b)+.*(c|d)+x'" },
  { name: 'index', text: 'create index cancelled on lineitem (l_comment)' },
  { name: 'analyze', text: 'analyze' },
  {
    name: 'insert',
    text: 'insert into region select o_orderkey + 10, left(o_comment, 25), null from orders',
  },
  { name: 'update', text: 'update orders set o_shippriority = 1 where o_orderkey < 100000' },
];

async function statements(): Promise<Statement[]> {
  const queries = Array.from({ length: 22 }, async (_, at) => {
    const name = String(at + 1).padStart(2, '0');
    const file = await readFile(join(import.meta.dirname, 'queries', `${name}.sql`), 'utf8');
    return { name, text: file.replaceAll(':scale', '1') };
  });
  const wanted = values.only === '' ? [] : values.only.split(',');
  const all = [...(await Promise.all(queries)), ...OTHERS];
  return all.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
}

/** The same moments for the same seed (Marsaglia's xorshift). */
let state = Number(values.seed) || 1;
function random(): number {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
}

/** Sends a cancel request, as libpq does; returns when it is on its way. */
async function cancel(peer: Peer, client: pg.Client): Promise<void> {
  const key = client as unknown as { processID: number; secretKey: number };
  const packet = Buffer.alloc(16);
  packet.writeInt32BE(16, 0);
  packet.writeInt32BE(80_877_102, 4);
  packet.writeInt32BE(key.processID, 8);
  packet.writeInt32BE(key.secretKey, 12);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = createConnection({ host: '127.0.0.1', port: peer.port });
  socket.on('error', reject);
  socket.on('connect', () => {
    socket.end(packet);
    resolve();
  });
  await promise;
}

/** Milliseconds from the cancel request to the statement's end; undefined if it had ended before. */
async function cancelledMs(
  peer: Peer,
  client: pg.Client,
  { text }: Statement,
  afterMs: number,
): Promise<number | undefined> {
  let sent = 0n;
  await client.query('begin');
  const ended = client.query(text).then(
    () => undefined,
    (error: { code?: string }) => {
      if (error.code !== '57014') throw error;
      // The request before this one came after its statement's end.
      if (sent === 0n) return undefined;
      return Number(process.hrtime.bigint() - sent) / 1e6;
    },
  );
  await sleep(afterMs);
  sent = process.hrtime.bigint();
  await cancel(peer, client);
  const ms = await ended;
  // A request that came too late goes by while nothing runs.
  await client.query('rollback');
  return ms;
}

/** How long the statement takes; what is longer than 20 s is not waited for. */
async function lifeMs(peer: Peer, client: pg.Client, { text }: Statement): Promise<number> {
  const before = process.hrtime.bigint();
  const timer = setTimeout(() => void cancel(peer, client), 20_000);
  // Whether it ended by itself or was cancelled: it took that long.
  await client.query('begin');
  await client.query(text).catch(() => undefined);
  clearTimeout(timer);
  const life = Number(process.hrtime.bigint() - before) / 1e6;
  await client.query('rollback');
  return life;
}

function quantile(sorted: readonly number[], part: number): string {
  const at = Math.min(sorted.length - 1, Math.floor(sorted.length * part));
  return (sorted[at] ?? Number.NaN).toFixed(1);
}

const server =
  values.rustydb === undefined
    ? await startTestServer({ dataPath: join(folder, 'rustydb') })
    : { port: Number(values.rustydb), stop: async () => 0 };
try {
  const peer = { name: 'RustyDB', port: server.port, user: 'rustydb', database: 'rustydb' };
  const client = await connect(peer);
  await client.query(`set work_mem = '${values['work-mem']}'`);
  const all: number[] = [];
  for (const statement of await statements()) {
    const life = await lifeMs(peer, client, statement);
    const own: number[] = [];
    for (let time = 0; time < times; time += 1) {
      const ms = await cancelledMs(peer, client, statement, random() * life);
      if (ms !== undefined) own.push(ms);
    }
    all.push(...own);
    own.sort((a, b) => a - b);
    const list = own.map((ms) => ms.toFixed(1)).join(' ');
    report(`${statement.name.padEnd(10)} of ${life.toFixed(0).padStart(6)} ms: ${list}`);
  }
  all.sort((a, b) => a - b);
  const [p50, p99, most] = [0.5, 0.99, 1].map((part) => quantile(all, part));
  report(`${all.length} cancelled: p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`);
  await client.end();
} finally {
  await server.stop();
}
