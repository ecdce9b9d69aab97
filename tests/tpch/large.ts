// TPC-H at a scale that does not fit into memory: loads through COPY, straight from the generator, and
// runs the 22 queries with a small pool.
//
//   node tests/tpch/large.ts [--scale 10] [--pool 1073741824] [--work-mem 64MB] [--folder F] [--only 1,6]
//
// A statement may hold four times `work-mem`, 256 MiB at least. `folder` keeps the database between
// runs. Prints how long each step takes, the rows of each answer, and how much memory the server held
// at most. Needs psql and tpchgen-cli.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startTestServer } from '../support/server.ts';
import { GENERATOR, TABLES } from './data.ts';
import { connect, copyFrom, isLoaded, type Peer, runFile } from './peer.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '10' },
    pool: { type: 'string', default: String(2 ** 30) },
    'work-mem': { type: 'string', default: '64MB' },
    folder: { type: 'string' },
    only: { type: 'string', default: '' },
  },
});
const folder = values.folder ?? join(tmpdir(), `tpch-large-${values.scale}`);
const report = (line: string): boolean => process.stdout.write(`${line}\n`);

async function seconds(run: () => Promise<unknown>): Promise<string> {
  const before = process.hrtime.bigint();
  await run();
  return `${(Number(process.hrtime.bigint() - before) / 1e9).toFixed(2)} s`;
}

/** What the server holds, and what it held at most, in MiB. */
function memory(pid: number): string {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (name: string) => Number(status.match(`${name}:\\s+(\\d+)`)?.[1] ?? 0) >> 10;
  return `${mib('VmRSS')} MiB held, ${mib('VmHWM')} at most`;
}

async function loadFromGenerator(peer: Peer, pid: number): Promise<void> {
  const client = await connect(peer);
  try {
    if (await isLoaded(client)) return;
    await runFile(client, 'schema.sql');
    for (const table of TABLES) {
      const args = ['csv', '-s', values.scale, '-T', table, '--stdout', '-q'];
      const generator = spawn(GENERATOR, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      const time = await seconds(() => copyFrom(peer, generator.stdout, table));
      report(`COPY ${table} in ${time}, ${memory(pid)}`);
    }
    report(`keys in ${await seconds(() => runFile(client, 'keys.sql'))}, ${memory(pid)}`);
    report(`statistics in ${await seconds(() => client.query('analyze'))}`);
  } finally {
    await client.end();
  }
}

mkdirSync(folder, { recursive: true });
const server = await startTestServer({
  dataPath: join(folder, 'rustydb'),
  flags: ['--data.buffer_pool_bytes', values.pool],
});
try {
  const peer = { name: 'RustyDB', port: server.port, user: 'rustydb', database: 'rustydb' };
  await loadFromGenerator(peer, server.pid);
  const client = await connect(peer);
  await client.query(`set work_mem = '${values['work-mem']}'`);
  const wanted = values.only === '' ? [] : values.only.split(',').map(Number);
  let failed = 0;
  for (let number = 1; number <= 22; number += 1) {
    if (wanted.length > 0 && !wanted.includes(number)) continue;
    const name = String(number).padStart(2, '0');
    const file = await readFile(join(import.meta.dirname, 'queries', `${name}.sql`), 'utf8');
    let rows = 0;
    try {
      const time = await seconds(async () => {
        ({ length: rows } = (await client.query(file.replaceAll(':scale', values.scale))).rows);
      });
      report(`${name} ${rows} rows in ${time}, ${memory(server.pid)}`);
    } catch (error) {
      failed += 1;
      report(`${name} ${String(error)}`);
    }
  }
  await client.end();
  report(`${failed} failed; ${memory(server.pid)}`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await server.stop();
}
