import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { csvPath } from './data.ts';
import { connect, copyIn, type Peer } from './peer.ts';

const PROGRAM = join(import.meta.dirname, '../../ts/main.ts');
/** A schema of its own, so that the tables of the queries stay as they are. */
const SCHEMA = 'loading';

/** An empty lineitem with its primary key. */
async function makeTable(peer: Peer): Promise<void> {
  const client = await connect(peer);
  try {
    await client.query(`drop schema if exists ${SCHEMA} cascade`);
    await client.query(`create schema ${SCHEMA}`);
    await client.query(`create table ${SCHEMA}.lineitem (like public.lineitem)`);
    await client.query(`alter table ${SCHEMA}.lineitem add primary key (l_orderkey, l_linenumber)`);
  } finally {
    await client.end();
  }
}

/** The rows of the table, which goes. */
async function dropTable(peer: Peer): Promise<number> {
  const client = await connect(peer);
  try {
    const { rows } = await client.query(`select count(*) from ${SCHEMA}.lineitem`);
    await client.query(`drop schema ${SCHEMA} cascade`);
    return Number(rows[0].count);
  } finally {
    await client.end();
  }
}

/** The seconds that `rustydb import` takes. */
async function importSeconds(peer: Peer, file: string): Promise<number> {
  const before = process.hrtime.bigint();
  const where = ['--host', '127.0.0.1', '--port', String(peer.port)];
  const child = spawn(
    process.execPath,
    [PROGRAM, 'import', file, '--table', `${SCHEMA}.lineitem`, ...where],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  const status = await promise;
  if (status !== 0) throw new Error(`rustydb import ended with ${status}`);
  return Number(process.hrtime.bigint() - before) / 1e9;
}

/** Loads lineitem into a table with its primary key: by COPY on each server, and by `rustydb import`. */
export async function measureLoading(
  peers: readonly [ours: Peer, theirs: Peer],
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const tell = (what: string, rows: number, seconds: number): void => {
    const rate = Math.round(rows / seconds).toLocaleString('en');
    report(`${what} of lineitem with its primary key: ${seconds.toFixed(1)} s, ${rate} rows/s`);
  };
  for (const peer of peers) {
    await makeTable(peer);
    const seconds = await copyIn(peer, folder, 'lineitem', `${SCHEMA}.lineitem`);
    tell(`${peer.name}: COPY`, await dropTable(peer), seconds);
  }
  const [ours] = peers;
  await makeTable(ours);
  const seconds = await importSeconds(ours, csvPath(folder, 'lineitem'));
  tell('rustydb import', await dropTable(ours), seconds);
}
