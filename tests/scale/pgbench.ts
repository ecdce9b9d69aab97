// Every built-in script of pgbench in every protocol mode, and pipelined transactions, at 8 and 32
// clients on one database; no client may be aborted, and the balances must agree afterwards.
//
//   node tests/scale/pgbench.ts [scale] [seconds]
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connection } from '../support/connection.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MODES = ['simple', 'extended', 'prepared'] as const;
const SCRIPTS = ['tpcb-like', 'simple-update', 'select-only'] as const;

/** TPC-B with its statements sent at once; pgbench's own scripts never pipeline. */
const PIPELINED = String.raw`\set aid random(1, 100000 * :scale)
\set bid random(1, 1 * :scale)
\set tid random(1, 10 * :scale)
\set delta random(-5000, 5000)
\startpipeline
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :aid;
SELECT abalance FROM pgbench_accounts WHERE aid = :aid;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :tid;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :bid;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime)
  VALUES (:tid, :bid, :aid, :delta, CURRENT_TIMESTAMP);
END;
\endpipeline
`;

export interface PgbenchOptions {
  readonly scale: number;
  readonly clients: readonly number[];
  /** How long one run takes: `-T 10`, `-t 25`. */
  readonly length: readonly string[];
  report(line: string): void;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function pgbench(port: number, args: readonly string[]): Promise<Ended> {
  const where = ['-h', '127.0.0.1', '-p', String(port), '-U', 'rustydb'];
  const child = spawn('pgbench', [...where, ...args, 'rustydb']);
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    stderr += part;
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  return { status: await promise, stdout, stderr };
}

/** What a run says that it should not. */
function problemsOf(what: string, { status, stdout, stderr }: Ended): readonly string[] {
  if (status !== 0) return [`${what}: ended with ${status}: ${stderr}`];
  const aborted = /aborted/i.test(stdout + stderr) ? [`${what}: ${stderr}`] : [];
  const failed = /number of failed transactions: ([1-9]\d*)/.exec(stdout);
  return failed === null ? aborted : [...aborted, `${what}: ${failed[0]}`];
}

async function balancesOf(server: TestServer): Promise<readonly string[]> {
  const client = connection(server.port);
  await client.connect();
  const { rows } = await client.query({
    text: `SELECT (SELECT sum(abalance) FROM pgbench_accounts),
                  (SELECT sum(delta) FROM pgbench_history),
                  (SELECT sum(bbalance) FROM pgbench_branches),
                  (SELECT sum(tbalance) FROM pgbench_tellers)`,
    rowMode: 'array',
  });
  await client.end();
  return rows[0] as readonly string[];
}

/** Gives what is wrong: nothing, where all is well. */
export async function runPgbench(options: PgbenchOptions): Promise<readonly string[]> {
  const { scale, clients, length, report } = options;
  const folder = mkdtempSync(join(tmpdir(), 'rustydb-pgbench-'));
  const pipelined = join(folder, 'pipelined.sql');
  writeFileSync(pipelined, PIPELINED);
  const server = await startTestServer();
  const problems: string[] = [];
  const run = async (what: string, args: readonly string[]) => {
    const ended = await pgbench(server.port, args);
    const rate = /tps = ([\d.]+)/.exec(ended.stdout)?.[1] ?? 'none';
    report(`${what}: tps ${rate}`);
    problems.push(...problemsOf(what, ended));
  };
  try {
    await run('initialize', ['-i', '-q', '-s', String(scale)]);
    for (const count of clients) {
      const common = ['-n', '-c', String(count), ...length];
      for (const mode of MODES) {
        for (const script of SCRIPTS) {
          await run(`${script} ${mode} ${count}`, [...common, '-M', mode, '-b', script]);
        }
        // The simple protocol has no pipeline.
        if (mode === 'simple') continue;
        const args = [...common, '-M', mode, '-s', String(scale), '-f', pipelined];
        await run(`pipelined ${mode} ${count}`, args);
      }
    }
    const balances = await balancesOf(server);
    report(`balances: ${balances.join(' ')}`);
    const [accounts, history, branches, tellers] = balances;
    // `simple-update` leaves branches and tellers alone.
    const agree = accounts === history && branches === tellers;
    if (!agree) problems.push(`balances: ${balances.join(' ')}`);
  } finally {
    const code = await server.stop();
    if (code !== 0) problems.push(`the server ended with ${code}: ${server.log()}`);
    rmSync(folder, { recursive: true });
  }
  return problems;
}

if (import.meta.main) {
  const [scale = '10', seconds = '10'] = process.argv.slice(2);
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const clients = [8, 32];
  const problems = await runPgbench({
    scale: Number(scale),
    clients,
    length: ['-T', seconds],
    report,
  });
  for (const problem of problems) report(`WRONG: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
