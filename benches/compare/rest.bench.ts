// A point query over HTTP, `POST /api/v1/query {sql, params}`, beside the same endpoint made of
// Express, pg and PostgreSQL 15, and of node:http and better-sqlite3; alternating, in one run.
//
//     npm run bench -- rest [--rows 100000] [--seconds 4] [--rounds 5] [--only 32]
//
// With 32 and with 128 connections, twice: *pinned* (servers on core 0, the generator on the last
// core: work per core) and *free* (both on all cores). Figures are medians of the rounds, ratios
// RustyDB's to the peer's. Every answer but a 200 counts as a failure and ends the run. Needs
// postgresql-15 and wrk (Debian: postgresql-15, wrk).
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import { startTestServer } from '../../tests/support/server.ts';
import { pinTree, requirePostgres, startPostgres } from './support/postgres-server.ts';
import { median, withSpread } from './support/rates.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
  },
});
const rows = Number(values.rows);
const rounds = Number(values.rounds);

const CONNECTIONS = ['32', '128'].filter((count) => count.startsWith(values.only));
const REST_PEER = join(import.meta.dirname, 'support/rest-peer.ts');
const last = availableParallelism() - 1;
const allCores = `0-${last}`;

const MAKE =
  'CREATE TABLE items (id integer PRIMARY KEY, name text, price double precision, stock integer)';
const FILL =
  "INSERT INTO items SELECT n, 'item ' || n, n / 7.0, n % 100 FROM generate_series(1, $1::int) g(n)";

/** The requests are made once and sent in turn, so that the generator is no bottleneck. */
const script = (mark: string): string => `
local requests = {}
local at = 0
function init()
  math.randomseed(7)
  local headers = { ["Content-Type"] = "application/json" }
  for n = 1, 2000 do
    local body = '{"sql":"SELECT id, name, price, stock FROM items WHERE id = ${mark}","params":['
      .. math.random(1, ${rows}) .. ']}'
    requests[n] = wrk.format("POST", "/api/v1/query", headers, body)
  end
end
function request()
  at = at % #requests + 1
  return requests[at]
end
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %f %d %f %f\\n", summary.requests / summary.duration * 1000000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
`;

interface Peer {
  readonly name: string;
  readonly port: number;
  readonly script: string;
  readonly aim: string;
  readonly pids: readonly string[];
}

interface Round {
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

function load(peer: Peer, cores: string, connections: string): Round {
  const url = `http://127.0.0.1:${peer.port}/`;
  const flags = ['-t', '1', '-c', connections, '-d', `${values.seconds}s`, '-s', peer.script, url];
  const run = spawnSync('taskset', ['-c', cores, 'wrk', ...flags], { encoding: 'utf8' });
  const found = /RESULT (\S+) (\d+) (\S+) (\S+)/.exec(run.stdout);
  if (found === null || found[2] !== '0') {
    throw new Error(`${peer.name}: ${run.stdout}${run.stderr}`);
  }
  const [, rate, , p50, p99] = found.map(Number);
  return { rate: rate ?? 0, p50Ms: p50 ?? 0, p99Ms: p99 ?? 0 };
}

function measure(peers: readonly Peer[], connections: string, isPinned: boolean): void {
  const results = peers.map((): Round[] => []);
  // Round 0 warms all up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [at, peer] of peers.entries()) {
      for (const pid of peer.pids) pinTree(pid, isPinned ? '0' : allCores);
      const result = load(peer, isPinned ? String(last) : allCores, connections);
      if (round > 0) results[at]?.push(result);
    }
  }
  const rates = results.map((list) => list.map(({ rate }) => rate));
  const ours = median(rates[0] ?? []);
  for (const [at, peer] of peers.entries()) {
    const list = results[at] ?? [];
    const line = [
      `c${connections} ${isPinned ? 'pinned' : 'free'}`.padEnd(13),
      peer.name.padEnd(28),
      withSpread(rates[at] ?? []).padEnd(24),
      median(list.map(({ p50Ms }) => p50Ms))
        .toFixed(2)
        .padEnd(9),
      median(list.map(({ p99Ms }) => p99Ms))
        .toFixed(2)
        .padEnd(9),
      (at === 0 ? '' : (ours / median(rates[at] ?? [])).toFixed(2)).padEnd(8),
      peer.aim,
    ];
    process.stdout.write(`${line.join('').trimEnd()}\n`);
  }
}

async function fill(port: number, user: string, database: string): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user, database });
  await client.connect();
  await client.query(MAKE);
  await client.query(FILL, [rows]);
  await client.query('ANALYZE items');
  await client.end();
}

function fillSqlite(file: string): void {
  const sqlite = new Sqlite(file);
  sqlite.exec(MAKE);
  const insert = sqlite.prepare('INSERT INTO items VALUES (?, ?, ?, ?)');
  sqlite.transaction(() => {
    for (let n = 1; n <= rows; n += 1) insert.run(n, `item ${n}`, n / 7, n % 100);
  })();
  sqlite.close();
}

const children: ReturnType<typeof spawn>[] = [];

async function startPeer(args: readonly string[]): Promise<{ port: number; pid: string }> {
  const child = spawn(process.execPath, [REST_PEER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.push(child);
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return { port: Number(text.toString()), pid: String(child.pid) };
}

requirePostgres();
if (spawnSync('wrk', ['-v']).error !== undefined) {
  process.stderr.write('wrk is not installed (Debian: wrk)\n');
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'bench-rest-'));
const server = await startTestServer();
const postgres = startPostgres();
try {
  const file = join(folder, 'sqlite.db');
  fillSqlite(file);
  await fill(server.port, 'rustydb', 'rustydb');
  await fill(postgres.port, postgres.user, postgres.database);
  const express = await startPeer([
    'express-pg',
    String(postgres.port),
    postgres.user,
    postgres.database,
  ]);
  const sqlite = await startPeer(['http-sqlite', file]);
  const dollar = join(folder, 'dollar.lua');
  const mark = join(folder, 'mark.lua');
  writeFileSync(dollar, script('$1'));
  writeFileSync(mark, script('?'));
  const peers: readonly Peer[] = [
    {
      name: 'RustyDB',
      port: server.httpPort,
      script: dollar,
      aim: '',
      pids: [String(server.pid)],
    },
    {
      name: 'Express + pg + PostgreSQL',
      port: express.port,
      script: dollar,
      aim: '>= 8',
      pids: [express.pid, postgres.pid],
    },
    {
      name: 'node:http + better-sqlite3',
      port: sqlite.port,
      script: mark,
      aim: '>= 1',
      pids: [sqlite.pid],
    },
  ];
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const wrk = execFileSync('sh', ['-c', 'wrk -v | head -1 || true'], { encoding: 'utf8' });
  process.stdout.write(
    `${cpus().length} cores, ${model}; ${rows} rows, ${values.seconds} s a round; ${wrk.split(' Copy')[0]}\n`,
  );
  const head = ['load'.padEnd(13), 'server'.padEnd(28), 'requests/s (spread)'.padEnd(24)];
  process.stdout.write(
    `${[...head, 'p50 ms'.padEnd(9), 'p99 ms'.padEnd(9), 'ratio'.padEnd(8), 'aim'].join('')}\n`,
  );
  for (const isPinned of [true, false]) {
    for (const connections of CONNECTIONS) measure(peers, connections, isPinned);
  }
} finally {
  for (const child of children) child.kill();
  postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
