// The 22 queries of TPC-H on RustyDB and on a PostgreSQL 15 of this machine: the same rows, and how
// long each takes.
//
//   node tests/tpch/run.ts [--scale 1] [--rounds 3] [--only 1,6] [--folder F] [--work-mem 64MB]
//                           [--pool BYTES]
//
// `folder` keeps the data and both databases between runs. Times are the best of the rounds, which
// alternate between the servers. Needs postgresql-15, psql and tpchgen-cli.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';
import { difference, type Rows } from './answers.ts';
import { makeData } from './data.ts';
import { connect, load, type Peer } from './peer.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    pool: { type: 'string' },
    'work-mem': { type: 'string', default: '' },
    /** Servers that run already, instead of ours. */
    rustydb: { type: 'string' },
    postgres: { type: 'string' },
    database: { type: 'string', default: 'postgres' },
  },
});
const scale = Number(values.scale);
const rounds = Number(values.rounds);
const folder = values.folder ?? join(tmpdir(), `tpch-${values.scale}`);
const report = (line: string): boolean => process.stdout.write(`${line}\n`);

interface Outcome {
  readonly seconds: number;
  readonly rows: Rows;
}

async function ask(client: pg.Client, text: string): Promise<Outcome | Error> {
  const before = process.hrtime.bigint();
  try {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return { seconds: Number(process.hrtime.bigint() - before) / 1e9, rows };
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

/** Runs a query on both; the ratio of the times, or undefined where the answers differ. */
async function compare(
  clients: readonly [pg.Client, pg.Client],
  number: number,
): Promise<number | undefined> {
  const name = String(number).padStart(2, '0');
  const file = await readFile(join(import.meta.dirname, 'queries', `${name}.sql`), 'utf8');
  const text = file.replaceAll(':scale', values.scale);
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const answers: Rows[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, client] of clients.entries()) {
      const outcome = await ask(client, text);
      if (outcome instanceof Error) {
        report(`${name}  ${at === 0 ? 'RustyDB' : 'PostgreSQL'}: ${outcome.message}`);
        return undefined;
      }
      best[at] = Math.min(best[at] ?? outcome.seconds, outcome.seconds);
      answers[at] = outcome.rows;
    }
  }
  const [ours = 0, theirs = 0] = best;
  const wrong = difference(answers[0] ?? [], answers[1] ?? []);
  const times = `${(ours * 1e3).toFixed(1).padStart(9)} ${(theirs * 1e3).toFixed(1).padStart(9)}`;
  report(`${name} ${times}  ${(ours / theirs).toFixed(2).padStart(5)}  ${wrong ?? ''}`);
  return wrong === undefined ? ours / theirs : undefined;
}

if (!hasPostgres() && values.postgres === undefined) {
  report('PostgreSQL 15 is not installed (Debian: postgresql-15)');
  process.exit(1);
}
const data = join(folder, 'csv');
makeData(data, scale);
const flags = values.pool === undefined ? [] : ['--data.buffer_pool_bytes', values.pool];
const server =
  values.rustydb === undefined
    ? await startTestServer({ dataPath: join(folder, 'rustydb'), flags })
    : { port: Number(values.rustydb), stop: async () => 0 };
const settings = { shared_buffers: '1GB', work_mem: '64MB', max_wal_size: '4GB' };
const postgres =
  values.postgres === undefined
    ? startPostgres({ folder: join(folder, 'postgres'), settings })
    : {
        port: Number(values.postgres),
        user: 'bench',
        database: values.database,
        stop: () => undefined,
      };
try {
  const ours: Peer = { name: 'RustyDB', port: server.port, user: 'rustydb', database: 'rustydb' };
  const theirs: Peer = { name: 'PostgreSQL', ...postgres };
  for (const peer of [ours, theirs]) await load(peer, data, report);
  const clients = [await connect(ours), await connect(theirs)] as const;
  if (values['work-mem'] !== '') await clients[0].query(`set work_mem = '${values['work-mem']}'`);
  report(`query  RustyDB ms  PostgreSQL ms  ratio   (scale ${scale}, best of ${rounds})`);
  const wanted = values.only === '' ? [] : values.only.split(',').map(Number);
  const ratios: number[] = [];
  let failed = 0;
  for (let number = 1; number <= 22; number += 1) {
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    const ratio = await compare(clients, number);
    if (ratio === undefined) failed += 1;
    else ratios.push(ratio);
  }
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  report(
    `${ratios.length} equal, ${failed} not; geometric mean ${mean.toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}`,
  );
  for (const client of clients) await client.end();
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  postgres.stop();
  await server.stop();
}
