// Many clients at once, and many one after the other.
import { connect } from 'node:net';
import type pg from 'pg';
import { connection } from '../support/connection.ts';

/** Clients that connect at the same moment: the listener's queue holds more. */
const CONNECTS_AT_ONCE = 50;

export interface CrowdSize {
  readonly idle: number;
  readonly active: number;
  readonly statementsEach: number;
  readonly quick: number;
}

export async function createCrowdTable(port: number, active: number): Promise<void> {
  const client = connection(port);
  await client.connect();
  await client.query('CREATE TABLE counted (id int PRIMARY KEY, value int NOT NULL, filler text)');
  await client.query(
    `INSERT INTO counted SELECT n, 0, repeat('x', 200) FROM generate_series(0, ${active}) AS n`,
  );
  await client.end();
}

/** Runs `work` for 0 to `count - 1`, a bounded number at a time. */
async function inTurns<T>(count: number, work: (turn: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const turn = next;
      next += 1;
      results[turn] = await work(turn);
    }
  };
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, lane));
  return results;
}

function connectMany(port: number, count: number): Promise<pg.Client[]> {
  return inTurns(count, async () => {
    const client = connection(port);
    await client.connect();
    return client;
  });
}

/** Counts its own row up, in transactions, and reads it back. */
async function work(client: pg.Client, id: number, statements: number): Promise<number> {
  for (let turn = 0; turn < statements; turn += 4) {
    await client.query('BEGIN');
    await client.query('UPDATE counted SET value = value + 1 WHERE id = $1', [id]);
    await client.query('SELECT count(*) FROM counted WHERE value >= 0');
    await client.query('COMMIT');
  }
  const { rows } = await client.query('SELECT value FROM counted WHERE id = $1', [id]);
  return rows[0].value;
}

/** The idle ones stay connected while the active ones work. Gives what is wrong. */
export async function crowd(port: number, size: CrowdSize): Promise<readonly string[]> {
  const problems: string[] = [];
  const idle = await connectMany(port, size.idle);
  const active = await connectMany(port, size.active);
  await active[0]?.query('UPDATE counted SET value = 0');
  const wanted = Math.ceil(size.statementsEach / 4);
  const counts = await Promise.all(active.map((c, id) => work(c, id, size.statementsEach)));
  counts.forEach((count, id) => {
    if (count !== wanted) problems.push(`client ${id} counted to ${count}, not ${wanted}`);
  });
  const answers = await Promise.all(idle.map((client) => client.query('SELECT 7 AS seven')));
  const alive = answers.filter(({ rows }) => rows[0].seven === 7).length;
  if (alive !== size.idle) problems.push(`${alive} of ${size.idle} idle clients answered`);
  await Promise.all([...idle, ...active].map((client) => client.end()));
  return problems;
}

/** Clients that say one thing and leave; each third without a goodbye. */
export async function quickConnects(port: number, count: number): Promise<readonly string[]> {
  const answers = await inTurns(count, async (turn) => {
    if (turn % 3 === 2) return await knock(port);
    const client = connection(port);
    await client.connect();
    const { rows } = await client.query('SELECT $1::int AS same', [turn]);
    await client.end();
    return rows[0].same === turn ? undefined : `quick client ${turn} read ${rows[0].same}`;
  });
  return answers.filter((answer) => answer !== undefined);
}

/** Opens a socket and closes it, as a health check does. */
function knock(port: number): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const socket = connect(port, '127.0.0.1', () => socket.destroy());
  socket.on('close', () => resolve(undefined));
  socket.on('error', (error) => resolve(`a socket failed: ${error.message}`));
  return promise;
}
