// Clients that are gone in the middle of something: nothing of theirs may stay.
import type pg from 'pg';
import { connection } from '../support/connection.ts';
import { eventually } from '../support/eventually.ts';
import { message, RawClient } from '../support/raw-client.ts';

/** What each does before it is gone; `RUNNING` names those that are waited for. */
const DEEDS: Readonly<Record<string, (client: RawClient) => Promise<void>>> = {
  'before it said anything': async () => undefined,
  'while idle': (client) => client.start(),
  'in a statement that computes': async (client) => {
    await client.start();
    void client.query('SELECT count(*) FROM generate_series(1, 1000000000)', 'C');
  },
  'in a result that nobody reads': async (client) => {
    await client.start();
    await client.query("SELECT repeat('x', 1000) FROM generate_series(1, 100000000)", 'D');
    client.pause();
  },
  'in a transaction': async (client) => {
    await client.start();
    await client.query('BEGIN; UPDATE vanishing SET value = 1 WHERE id = 1', 'Z');
  },
  'in a failed transaction': async (client) => {
    await client.start();
    await client.query('BEGIN; UPDATE vanishing SET value = 1 WHERE id = 1', 'Z');
    await client.query('SELECT 1/0', 'Z');
  },
  'while it waits for a lock': async (client) => {
    await client.start();
    void client.query('UPDATE vanishing SET value = 1 WHERE id = 2', 'Z');
  },
  'while it sleeps': async (client) => {
    await client.start();
    void client.query('SELECT pg_sleep(1000)', 'Z');
  },
  'in COPY FROM': async (client) => {
    await client.start();
    await client.query('COPY vanishing FROM STDIN', 'G');
    for (let id = 1000; id < 9000; id += 1) await client.send(message('d', `${id}\t1\n`));
    await client.send(message('d', '12'));
  },
  'in COPY TO': async (client) => {
    await client.start();
    await client.query('COPY (SELECT generate_series(1, 100000000)) TO STDOUT', 'd');
    client.pause();
  },
};

/** Those whose statement must have begun: no answer says so. */
const RUNNING: ReadonlySet<string> = new Set([
  'in a statement that computes',
  'while it waits for a lock',
  'while it sleeps',
]);

async function countOf(client: pg.Client, sql: string): Promise<number> {
  const { rows } = await client.query({ text: sql, rowMode: 'array' });
  return Number(rows[0]?.[0]);
}

/** Lets every kind of client vanish, `times` of each at once. Gives what is wrong. */
export async function vanishing(port: number, times: number): Promise<readonly string[]> {
  const problems: string[] = [];
  const watcher = connection(port);
  const holder = connection(port);
  await Promise.all([watcher.connect(), holder.connect()]);
  await watcher.query('CREATE TABLE vanishing (id int PRIMARY KEY, value int NOT NULL)');
  await watcher.query('INSERT INTO vanishing VALUES (1, 0), (2, 0)');
  for (const [name, deed] of Object.entries(DEEDS)) {
    await holder.query('BEGIN; SELECT * FROM vanishing WHERE id = 2 FOR UPDATE');
    // Those that lock the same row would wait for each other.
    const count = name.endsWith('transaction') ? 1 : times;
    for (const withReset of [false, true]) {
      const clients = Array.from({ length: count }, () => new RawClient(port));
      await Promise.all(clients.map(deed));
      if (RUNNING.has(name)) {
        const running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active'";
        const isRunning = async () => (await countOf(watcher, running)) === count + 1;
        await eventually(`statements run: ${name}`, isRunning);
      }
      for (const client of clients) client.vanish(withReset);
    }
    const others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    await eventually(`sessions end: ${name}`, async () => (await countOf(watcher, others)) === 2);
    await holder.query('ROLLBACK');
    const locks = 'SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()';
    const left = await countOf(watcher, locks);
    if (left !== 0) problems.push(`${name}: ${left} locks left`);
    await watcher.query("SET lock_timeout = '30s'");
    await watcher.query('UPDATE vanishing SET value = value');
    const rows = await countOf(watcher, 'SELECT count(*) FROM vanishing WHERE value = 0');
    if (rows !== 2) problems.push(`${name}: ${rows} of 2 rows are as they were`);
    const all = await countOf(watcher, 'SELECT count(*) FROM vanishing');
    if (all !== 2) problems.push(`${name}: ${all} rows, not 2`);
  }
  await watcher.query('DROP TABLE vanishing');
  await Promise.all([watcher.end(), holder.end()]);
  return problems;
}
