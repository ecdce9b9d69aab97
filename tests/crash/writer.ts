import pg from 'pg';
import { connection } from '../support/connection.ts';
import type { Random } from './random.ts';
import {
  ACCOUNTS,
  CLIENTS,
  type ClientRecord,
  FIRST_BALANCE,
  NOTES_KEPT,
  noteOf,
  type Transfer,
} from './record.ts';

export async function createTables(port: number): Promise<void> {
  const client = connection(port);
  await client.connect();
  await client.query(`
    CREATE TABLE accounts (id int PRIMARY KEY, balance bigint NOT NULL);
    CREATE TABLE history (client int, number int, source int NOT NULL, target int NOT NULL,
      amount int NOT NULL, PRIMARY KEY (client, number));
    CREATE INDEX history_source ON history (source);
    CREATE TABLE notes (client int, number int, body text NOT NULL, PRIMARY KEY (client, number));
    CREATE TABLE counters (client int PRIMARY KEY, value int NOT NULL);
    INSERT INTO accounts SELECT n, ${FIRST_BALANCE} FROM generate_series(0, ${ACCOUNTS - 1}) AS n;
    INSERT INTO counters SELECT n, 0 FROM generate_series(0, ${CLIENTS - 1}) AS n;
  `);
  await client.end();
}

function statementsOf(transfer: Transfer): readonly string[] {
  const { client, number, source, target, amount } = transfer;
  const move = (id: number, by: number) =>
    `UPDATE accounts SET balance = balance + (${by}) WHERE id = ${id}`;
  return [
    move(source, -amount),
    `INSERT INTO history VALUES (${client}, ${number}, ${source}, ${target}, ${amount})`,
    move(target, amount),
    `INSERT INTO notes VALUES (${client}, ${number}, 'draft')`,
    `UPDATE notes SET body = '${noteOf(transfer)}' WHERE client = ${client} AND number = ${number}`,
    `DELETE FROM notes WHERE client = ${client} AND number = ${number - NOTES_KEPT}`,
    `UPDATE counters SET value = ${number} WHERE client = ${client}`,
  ];
}

/** What a savepoint takes back: a trace of it after a crash is a half transaction. */
function detour(transfer: Transfer): readonly string[] {
  return [
    'SAVEPOINT detour',
    `UPDATE accounts SET balance = balance + 7 WHERE id = ${transfer.source}`,
    `INSERT INTO notes VALUES (${transfer.client}, ${-transfer.number}, 'detour')`,
    'ROLLBACK TO detour',
  ];
}

export interface WriterOptions {
  readonly port: number;
  readonly number: number;
  readonly record: ClientRecord;
  readonly random: Random;
  /** Its commits are acknowledged before they are safe. */
  readonly isAsynchronous: boolean;
  /** A count that goes up with each call, the same for all writers. */
  readonly now: () => number;
}

/** Moves money in transactions until the connection breaks, and keeps the record of one client. */
export class Writer {
  readonly #client: pg.Client;
  readonly #number: number;
  readonly #record: ClientRecord;
  readonly #random: Random;
  readonly #isAsynchronous: boolean;
  readonly #now: () => number;

  constructor(options: WriterOptions) {
    this.#client = connection(options.port);
    this.#number = options.number;
    this.#record = options.record;
    this.#random = options.random;
    this.#isAsynchronous = options.isAsynchronous;
    this.#now = options.now;
  }

  /** Gives the error that ended it; one with an SQLSTATE came from a server that was well. */
  async run(): Promise<unknown> {
    try {
      await this.#client.connect();
      if (this.#isAsynchronous) await this.#client.query('SET synchronous_commit = off');
      for (;;) await this.#transact(this.#next());
    } catch (error) {
      return error;
    } finally {
      await this.#client.end().catch(() => undefined);
    }
  }

  #next(): Transfer {
    const random = this.#random;
    const source = random.below(ACCOUNTS);
    return {
      client: this.#number,
      number: this.#record.committed.length + 1,
      source,
      target: (source + 1 + random.below(ACCOUNTS - 1)) % ACCOUNTS,
      amount: 1 + random.below(100),
      noteLength: random.chance(8) ? 20_000 : 10 + random.below(2000),
    };
  }

  async #transact(transfer: Transfer): Promise<void> {
    const statements = ['BEGIN', ...statementsOf(transfer)];
    if (this.#random.chance(4)) statements.splice(2, 0, ...detour(transfer));
    try {
      if (this.#random.chance(5)) return await this.#atOnce(transfer, statements);
      for (const statement of statements) await this.#client.query(statement);
    } catch (error) {
      if (!isConflict(error)) throw error;
      this.#record.inDoubt = undefined;
      await this.#client.query('ROLLBACK');
      return;
    }
    if (this.#random.chance(6)) {
      await this.#client.query('ROLLBACK');
      return;
    }
    this.#doubt(transfer);
    await this.#client.query('COMMIT');
    this.#acknowledge(transfer);
  }

  /** The whole transaction in one message. */
  async #atOnce(transfer: Transfer, statements: readonly string[]): Promise<void> {
    this.#doubt(transfer);
    await this.#client.query([...statements, 'COMMIT'].join(';'));
    this.#acknowledge(transfer);
  }

  #doubt(transfer: Transfer): void {
    this.#record.inDoubt = transfer;
    this.#record.sent = this.#now();
  }

  #acknowledge(transfer: Transfer): void {
    const record = this.#record;
    record.committed.push(transfer);
    record.moments.push({ sent: record.sent, acknowledged: this.#now() });
    if (!this.#isAsynchronous) record.safe = record.committed.length;
    record.inDoubt = undefined;
  }
}

/** Two that wait for each other: one of them is told to start again. */
function isConflict(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '40P01';
}
