import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { csvPath, TABLES, type Table } from './data.ts';

/** One of the two servers that are compared. */
export interface Peer {
  readonly name: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
}

/** Values as the server wrote them: nothing is lost between the answer and the comparison. */
const AS_TEXT = { getTypeParser: () => (value: string) => value };

export async function connect(peer: Peer): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: peer.port,
    user: peer.user,
    database: peer.database,
    types: AS_TEXT,
  });
  await client.connect();
  return client;
}

/** Sends a table's CSV file to COPY into `target`; the seconds that it took. */
export async function copyIn(
  peer: Peer,
  folder: string,
  table: Table,
  target: string = table,
): Promise<number> {
  const before = process.hrtime.bigint();
  await copyFrom(peer, createReadStream(csvPath(folder, table)), target);
  return Number(process.hrtime.bigint() - before) / 1e9;
}

/** Sends CSV with a header to COPY into `target`. */
export async function copyFrom(peer: Peer, source: Readable, target: string): Promise<void> {
  const command = `\\copy ${target} from pstdin with (format csv, header)`;
  const where = ['-h', '127.0.0.1', '-p', String(peer.port), '-U', peer.user, peer.database];
  const child = spawn('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-c', command, ...where], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on('error', reject);
  child.on('close', resolve);
  await pipeline(source, child.stdin);
  const status = await promise;
  if (status !== 0) throw new Error(`COPY ${target} into ${peer.name} failed`);
}

/** Runs the statements of a file of this folder. */
export async function runFile(client: pg.Client, name: string): Promise<void> {
  const text = await readFile(join(import.meta.dirname, name), 'utf8');
  for (const statement of text.split(/;\s*$/m).filter((part) => part.trim() !== '')) {
    await client.query(statement);
  }
}

/** True where the last step of loading was taken. */
export async function isLoaded(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "select count(*) from pg_class where relname = 'lineitem_l_partkey_l_suppkey_idx'",
  );
  return rows[0].count === '1';
}

/** Makes tables, rows, keys and statistics, unless they are there. */
export async function load(
  peer: Peer,
  folder: string,
  report: (line: string) => void,
): Promise<void> {
  const client = await connect(peer);
  try {
    if (await isLoaded(client)) return;
    await runFile(client, 'schema.sql');
    for (const table of TABLES) {
      const seconds = await copyIn(peer, folder, table);
      report(`${peer.name}: COPY ${table} in ${seconds.toFixed(1)} s`);
    }
    const before = process.hrtime.bigint();
    await runFile(client, 'keys.sql');
    await client.query('analyze');
    const seconds = Number(process.hrtime.bigint() - before) / 1e9;
    report(`${peer.name}: keys and statistics in ${seconds.toFixed(1)} s`);
  } finally {
    await client.end();
  }
}
