// The 22 queries of TPC-H on RustyDB and on a PostgreSQL 15 of this machine: the same rows by the
// PostgreSQL protocol and by HTTP, and how long each takes.
//
//   node tests/tpch/run.ts [--scale 1] [--rounds 3] [--only 1,6] [--folder F] [--work-mem 64MB]
//                           [--pool BYTES] [--duckdb] [--loading]
//
// `folder` keeps the data and the databases between runs. Times are the best of the rounds, which
// alternate between the servers. `--duckdb` adds DuckDB's times, on one thread and on all cores;
// `--loading` measures COPY and `rustydb import` of lineitem into a table with its primary key.
// Needs postgresql-15, psql and tpchgen-cli.
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { hasPostgres, startPostgres } from '../support/postgres.ts';
import { startTestServer } from '../support/server.ts';
import { difference, type Rows } from './answers.ts';
import { makeData } from './data.ts';
import { Duck } from './duckdb.ts';
import { measureLoading } from './loading.ts';
import { connect, load, type Peer } from './peer.ts';
import { askJson, askRest, jsonDifference } from './rest.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string', default: '' },
    folder: { type: 'string' },
    pool: { type: 'string' },
    'work-mem': { type: 'string', default: '' },
    duckdb: { type: 'boolean', default: false },
    loading: { type: 'boolean', default: false },
    /** Servers that run already, instead of ours. */
    rustydb: { type: 'string' },
    http: { type: 'string' },
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

interface Query {
  readonly name: string;
  readonly text: string;
}

async function readQuery(number: number): Promise<Query> {
  const name = String(number).padStart(2, '0');
  const file = await readFile(join(import.meta.dirname, 'queries', `${name}.sql`), 'utf8');
  return { name, text: file.replaceAll(':scale', values.scale) };
}

/** The answers over HTTP against PostgreSQL's `to_json`. */
async function compareRest(
  httpPort: number,
  postgres: pg.Client,
  query: Query,
): Promise<string | undefined> {
  try {
    return jsonDifference(await askRest(httpPort, query.text), await askJson(postgres, query.text));
  } catch (error) {
    return String(error);
  }
}

/** Milliseconds, and RustyDB's ratio to them. */
function column(oursMs: number, theirsMs: number): string {
  return `${theirsMs.toFixed(1).padStart(9)} ${(oursMs / theirsMs).toFixed(2).padStart(6)}`;
}

interface Ratios {
  readonly postgres: number;
  /** On one thread and on all cores. */
  readonly duckdb: readonly number[];
}

interface Peers {
  readonly clients: readonly [pg.Client, pg.Client];
  readonly httpPort: number;
  readonly duck: Duck | undefined;
}

/** Runs a query everywhere; undefined where the answers differ. */
async function compare(peers: Peers, query: Query): Promise<Ratios | undefined> {
  const best = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const answers: Rows[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, client] of peers.clients.entries()) {
      const outcome = await ask(client, query.text);
      if (outcome instanceof Error) {
        report(`${query.name}  ${at === 0 ? 'RustyDB' : 'PostgreSQL'}: ${outcome.message}`);
        return undefined;
      }
      best[at] = Math.min(best[at] ?? outcome.seconds, outcome.seconds);
      answers[at] = outcome.rows;
    }
  }
  const [ours = 0, theirs = 0] = best.map((seconds) => seconds * 1e3);
  const duckMs = [];
  if (peers.duck !== undefined) {
    duckMs.push(await peers.duck.bestMs(query.text, rounds, 1));
    duckMs.push(await peers.duck.bestMs(query.text, rounds));
  }
  const wrong = difference(answers[0] ?? [], answers[1] ?? []);
  const rest = await compareRest(peers.httpPort, peers.clients[1], query);
  const faults = [wrong, rest && `by HTTP: ${rest}`].filter((fault) => fault !== undefined);
  const others = [theirs, ...duckMs].map((ms) => column(ours, ms)).join(' ');
  report(`${query.name} ${ours.toFixed(1).padStart(9)} ${others}  ${faults.join('; ')}`);
  if (faults.length > 0) return undefined;
  return { postgres: ours / theirs, duckdb: duckMs.map((ms) => ours / ms) };
}

function summary(name: string, ratios: readonly number[]): string {
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  return `${name}: geometric mean ${mean.toFixed(2)}, worst ${Math.max(...ratios).toFixed(2)}`;
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
    : { port: Number(values.rustydb), httpPort: Number(values.http), stop: async () => 0 };
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
  if (values.loading) await measureLoading([ours, theirs], data, report);
  const clients = [await connect(ours), await connect(theirs)] as const;
  if (values['work-mem'] !== '') await clients[0].query(`set work_mem = '${values['work-mem']}'`);
  const duck = values.duckdb ? await Duck.open(join(folder, 'duckdb.db'), data) : undefined;
  const peers: Peers = { clients, httpPort: server.httpPort, duck };
  const duckdb = values.duckdb ? '  DuckDB 1 thread  DuckDB all cores' : '';
  report(`query  RustyDB ms  PostgreSQL ms${duckdb}, each with the ratio to it`);
  report(
    `(scale ${scale}, best of ${rounds}; the answers are compared over psql's protocol and HTTP)`,
  );
  const wanted = values.only === '' ? [] : values.only.split(',').map(Number);
  const ratios: Ratios[] = [];
  let failed = 0;
  for (let number = 1; number <= 22; number += 1) {
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    const found = await compare(peers, await readQuery(number));
    if (found === undefined) failed += 1;
    else ratios.push(found);
  }
  report(`${ratios.length} equal, ${failed} not`);
  report(
    summary(
      'PostgreSQL',
      ratios.map((ratio) => ratio.postgres),
    ),
  );
  for (const [at, threads] of values.duckdb ? ['1 thread', 'all cores'].entries() : []) {
    report(
      summary(
        `DuckDB, ${threads}`,
        ratios.map((ratio) => ratio.duckdb[at] ?? 0),
      ),
    );
  }
  duck?.close();
  for (const client of clients) await client.end();
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  postgres.stop();
  await server.stop();
}
