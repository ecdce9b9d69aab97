// pgbench against RustyDB and a PostgreSQL 15 of this machine, alternating, in one run.
//
//     npm run bench -- postgres [--scale 10] [--seconds 5] [--rounds 3] [--clients 16] [--only -S]
//
// Twice: *pinned* (server on core 0, pgbench on the last core: work per core) and *free* (both on all
// cores). Figures are medians of the rounds; the ratio is RustyDB's to PostgreSQL's. Both run with
// durable commits. Needs postgresql-15 and its pgbench (Debian: postgresql-15, postgresql-contrib).
import { spawnSync } from 'node:child_process';
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { startTestServer } from '../../tests/support/server.ts';
import { pinTree, requirePostgres, startPostgres } from './support/postgres-server.ts';
import { median, withSpread } from './support/rates.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '10' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
    clients: { type: 'string', default: '16' },
    only: { type: 'string', default: '' },
  },
});
const { scale, seconds, clients, only } = values;
const rounds = Number(values.rounds);

interface Peer {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** Puts the server's processes on these cores. */
  pin(cores: string): void;
}

interface Workload {
  readonly name: string;
  readonly flags: readonly string[];
  /** Promised ratios. */
  readonly pinned: string;
  readonly free: string;
}

const WORKLOADS: readonly Workload[] = [
  { name: '-S prepared', flags: ['-S', '-M', 'prepared'], pinned: '>= 1.3', free: '>= 1' },
  { name: '-S simple', flags: ['-S', '-M', 'simple'], pinned: '>= 1.3', free: '>= 1' },
  { name: '-N prepared', flags: ['-N', '-M', 'prepared'], pinned: '>= 0.8', free: '>= 0.8' },
  { name: 'TPC-B prepared', flags: ['-M', 'prepared'], pinned: '>= 0.8', free: '>= 0.8' },
];

const last = availableParallelism() - 1;
const allCores = `0-${last}`;

function pgbench(peer: Peer, cores: string, args: readonly string[]): string {
  const env = { ...process.env, PGHOST: '127.0.0.1', PGPORT: String(peer.port) };
  const identity = ['-U', peer.user, peer.database];
  const run = spawnSync('taskset', ['-c', cores, 'pgbench', ...args, ...identity], {
    env,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`pgbench ${args.join(' ')} failed:\n${run.stderr}`);
  return run.stdout + run.stderr;
}

function tpsOf(output: string): number {
  const found = /tps = ([\d.]+)/.exec(output);
  if (found === null) throw new Error(`pgbench printed no rate:\n${output}`);
  return Number(found[1]);
}

function measure(peers: readonly [Peer, Peer], workload: Workload, pinned: boolean): string[] {
  const rates: [number[], number[]] = [[], []];
  const load = ['-n', '-c', clients, '-j', '2', '-T', seconds, ...workload.flags];
  // Round 0 warms both up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    for (const at of [0, 1] as const) {
      const peer = peers[at];
      peer.pin(pinned ? '0' : allCores);
      const rate = tpsOf(pgbench(peer, pinned ? String(last) : allCores, load));
      if (round > 0) rates[at].push(rate);
    }
  }
  const name = `${workload.name} c${clients} ${pinned ? 'pinned' : 'free'}`;
  return line(name, rates, pinned ? workload.pinned : workload.free);
}

/** A line of the table: medians with their spread, and the ratio. */
function line(name: string, rates: readonly [number[], number[]], aim: string): string[] {
  return [
    name.padEnd(28),
    withSpread(rates[0]).padEnd(24),
    withSpread(rates[1]).padEnd(24),
    (median(rates[0]) / median(rates[1])).toFixed(2).padEnd(8),
    aim,
  ];
}

/** Rows of one COPY. */
const COPY_ROWS = 500_000;

/** A file of rows like those of pgbench_accounts. */
async function copyFile(folder: string): Promise<string> {
  const path = join(folder, 'rows.tsv');
  const out = createWriteStream(path);
  const filler = ' '.repeat(84);
  for (let first = 1; first <= COPY_ROWS; first += 10_000) {
    const rows = Array.from({ length: 10_000 }, (_, at) => `${first + at}\t1\t0\t${filler}\n`);
    out.write(rows.join(''));
  }
  out.end();
  await finished(out);
  return path;
}

function psql(peer: Peer, cores: string, command: string): void {
  const env = { ...process.env, PGHOST: '127.0.0.1', PGPORT: String(peer.port) };
  const args = ['-c', cores, 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', peer.user];
  const run = spawnSync('taskset', [...args, '-c', command, peer.database], {
    env,
    encoding: 'utf8',
  });
  if (run.status !== 0) throw new Error(`psql ${command} failed:\n${run.stderr}`);
}

/** COPY of rows into a table with a primary key, in rows a second. */
function measureCopy(peers: readonly [Peer, Peer], path: string, pinned: boolean): string[] {
  const rates: [number[], number[]] = [[], []];
  for (const peer of peers) {
    psql(
      peer,
      allCores,
      'CREATE TABLE IF NOT EXISTS copied (aid int PRIMARY KEY, bid int, abalance int, filler char(84))',
    );
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const at of [0, 1] as const) {
      const peer = peers[at];
      psql(peer, allCores, 'TRUNCATE copied');
      peer.pin(pinned ? '0' : allCores);
      const before = process.hrtime.bigint();
      psql(peer, pinned ? String(last) : allCores, `\\copy copied FROM '${path}'`);
      rates[at].push(COPY_ROWS / (Number(process.hrtime.bigint() - before) / 1e9));
    }
  }
  return line(`COPY rows/s ${pinned ? 'pinned' : 'free'}`, rates, '');
}

requirePostgres();
const server = await startTestServer();
const postgres = startPostgres();
const folder = mkdtempSync(join(tmpdir(), 'bench-copy-'));
try {
  const ours: Peer = {
    name: 'RustyDB',
    port: server.port,
    user: 'rustydb',
    database: 'rustydb',
    pin: (cores) => pinTree(String(server.pid), cores),
  };
  const theirs: Peer = {
    ...postgres,
    name: 'PostgreSQL',
    pin: (cores) => pinTree(postgres.pid, cores),
  };
  const peers: [Peer, Peer] = [ours, theirs];
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  process.stdout.write(`${cpus().length} cores, ${model}; scale ${scale}, ${seconds} s a round\n`);
  for (const peer of peers) {
    const before = process.hrtime.bigint();
    pgbench(peer, allCores, ['-i', '-q', '-s', scale]);
    const elapsed = Number(process.hrtime.bigint() - before) / 1e9;
    process.stdout.write(`${peer.name}: pgbench -i in ${elapsed.toFixed(1)} s\n`);
  }
  const rows = await copyFile(folder);
  const head = ['workload'.padEnd(28), 'RustyDB (spread)'.padEnd(24)];
  process.stdout.write(
    `${[...head, 'PostgreSQL'.padEnd(24), 'ratio'.padEnd(8), 'aim'].join('')}\n`,
  );
  for (const pinned of [true, false]) {
    for (const workload of WORKLOADS.filter(({ name }) => name.startsWith(only))) {
      process.stdout.write(`${measure(peers, workload, pinned).join('')}\n`);
    }
    process.stdout.write(`${measureCopy(peers, rows, pinned).join('')}\n`);
  }
} finally {
  postgres.stop();
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
}
