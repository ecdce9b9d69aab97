import type pg from 'pg';
import { connection } from '../support/connection.ts';
import type { Random } from './random.ts';
import {
  ACCOUNTS,
  type ClientRecord,
  FIRST_BALANCE,
  type Moment,
  NOTES_KEPT,
  noteOf,
  type Transfer,
} from './record.ts';

/** Keys of each table that are looked up one by one. */
const LOOKUPS = 20;

/** What the server says it has, read without an index. */
interface State {
  readonly balances: ReadonlyMap<number, number>;
  readonly history: readonly Omit<Transfer, 'noteLength'>[];
  readonly notes: ReadonlyMap<string, string>;
  readonly counters: ReadonlyMap<number, number>;
}

async function readState(client: pg.Client): Promise<State> {
  const rows = async (sql: string) => (await client.query({ text: sql, rowMode: 'array' })).rows;
  const [accounts, history, notes, counters] = [
    await rows('SELECT id, balance FROM accounts'),
    await rows('SELECT client, number, source, target, amount FROM history'),
    await rows('SELECT client, number, body FROM notes'),
    await rows('SELECT client, value FROM counters'),
  ];
  return {
    balances: new Map(accounts.map(([id, balance]) => [id, Number(balance)])),
    history: history.map(([client, number, source, target, amount]) => {
      return { client, number, source, target, amount };
    }),
    notes: new Map(notes.map(([client, number, body]) => [`${client}/${number}`, body])),
    counters: new Map(counters.map(([client, value]) => [client, value])),
  };
}

/**
 * Settles what was in doubt and what was asynchronous by what the server shows; says what it lost
 * although a later commit is there: what survives is the log up to some point.
 */
function settle(records: readonly ClientRecord[], state: State): readonly string[] {
  const lost: Moment[] = [];
  let newest = 0;
  records.forEach((record, number) => {
    const { committed, moments, inDoubt } = record;
    const found = state.history.filter(({ client }) => client === number).length;
    if (inDoubt !== undefined && found === committed.length + 1) {
      committed.push(inDoubt);
      moments.push({ sent: record.sent, acknowledged: Number.POSITIVE_INFINITY });
    }
    record.inDoubt = undefined;
    if (found < committed.length && found >= record.safe) {
      lost.push(...moments.splice(found));
      committed.length = found;
    }
    record.safe = committed.length;
    newest = Math.max(newest, ...moments.slice(-1).map(({ sent }) => sent));
  });
  const outOfOrder = lost.filter(({ acknowledged }) => acknowledged < newest).length;
  return outOfOrder === 0 ? [] : [`${outOfOrder} commits are lost, and later ones are there`];
}

/** Compares one client's rows. */
function compareClient(number: number, record: ClientRecord, state: State): readonly string[] {
  const problems: string[] = [];
  const own = state.history.filter(({ client }) => client === number);
  own.sort((a, b) => a.number - b.number);
  const { committed } = record;
  const say = (problem: string) => problems.push(`client ${number}: ${problem}`);
  if (own.length !== committed.length) {
    say(`${committed.length} transfers committed, ${own.length} found`);
  }
  committed.forEach(({ noteLength: _, ...transfer }, index) => {
    const [wanted, found] = [JSON.stringify(transfer), JSON.stringify(own[index])];
    if (wanted !== found) say(`wanted ${wanted}, found ${found}`);
  });
  const counter = state.counters.get(number);
  if (counter !== committed.length) say(`the counter is ${counter}, not ${committed.length}`);
  const kept = committed.slice(-NOTES_KEPT);
  const notes = [...state.notes.keys()].filter((key) => key.startsWith(`${number}/`));
  if (notes.length !== kept.length) say(`${kept.length} notes wanted, found ${notes.join(' ')}`);
  for (const transfer of kept) {
    if (state.notes.get(`${number}/${transfer.number}`) !== noteOf(transfer)) {
      say(`note ${transfer.number} is not what was written`);
    }
  }
  return problems;
}

function compareBalances(state: State): readonly string[] {
  const wanted = new Array<number>(ACCOUNTS).fill(FIRST_BALANCE);
  for (const { source, target, amount } of state.history) {
    wanted[source] = (wanted[source] ?? 0) - amount;
    wanted[target] = (wanted[target] ?? 0) + amount;
  }
  const problems = wanted.flatMap((balance, id) => {
    const found = state.balances.get(id);
    return found === balance ? [] : [`account ${id}: ${balance} by its history, found ${found}`];
  });
  const sum = [...state.balances.values()].reduce((a, b) => a + b, 0);
  if (sum !== ACCOUNTS * FIRST_BALANCE) problems.push(`the balances add up to ${sum}`);
  if (state.balances.size !== ACCOUNTS) problems.push(`${state.balances.size} accounts`);
  return problems;
}

/** Answers by an index against those of the scans. */
async function compareLookups(
  client: pg.Client,
  state: State,
  random: Random,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const compare = async (sql: string, values: unknown[], wanted: unknown) => {
    const { rows } = await client.query({ text: sql, values, rowMode: 'array' });
    const [found, known] = [JSON.stringify(rows), JSON.stringify(wanted)];
    if (found !== known) problems.push(`${sql} ${values}: ${found}, by the scan ${known}`);
  };
  for (let count = 0; count < LOOKUPS; count += 1) {
    const id = random.below(ACCOUNTS);
    const balance = String(state.balances.get(id));
    await compare('SELECT balance FROM accounts WHERE id = $1', [id], [[balance]]);
    const from = state.history.filter(({ source }) => source === id);
    const sum = from.reduce((total, { amount }) => total + amount, 0);
    const sums =
      'SELECT count(*)::int, coalesce(sum(amount), 0)::int FROM history WHERE source = $1';
    await compare(sums, [id], [[from.length, sum]]);
    const transfer = state.history[random.below(Math.max(state.history.length, 1))];
    if (transfer === undefined) continue;
    const key = [transfer.client, transfer.number];
    const byKey = 'SELECT source, target, amount FROM history WHERE client = $1 AND number = $2';
    await compare(byKey, key, [[transfer.source, transfer.target, transfer.amount]]);
  }
  for (const [key, body] of state.notes) {
    const byKey = 'SELECT body FROM notes WHERE client = $1 AND number = $2';
    await compare(byKey, key.split('/'), [[body]]);
  }
  return problems;
}

/** What is wrong with the server's tables by the clients' records; settles what was in doubt. */
export async function compareWithRecords(
  port: number,
  records: readonly ClientRecord[],
  random: Random,
): Promise<readonly string[]> {
  const client = connection(port);
  await client.connect();
  try {
    const state = await readState(client);
    return [
      ...settle(records, state),
      ...records.flatMap((record, number) => compareClient(number, record, state)),
      ...compareBalances(state),
      ...(await compareLookups(client, state, random)),
    ];
  } finally {
    await client.end();
  }
}
