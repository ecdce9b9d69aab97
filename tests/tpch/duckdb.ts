import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { csvPath, TABLES } from './data.ts';

/** A DuckDB in this process, over the data that both servers have. */
export class Duck {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
  }

  /** Opens the database in `file`, which is made from the CSV files of `folder` if it is missing. */
  static async open(file: string, folder: string): Promise<Duck> {
    const isNew = !existsSync(file);
    const instance = await DuckDBInstance.create(file);
    const connection = await instance.connect();
    if (isNew) {
      await connection.run(await readFile(join(import.meta.dirname, 'schema.sql'), 'utf8'));
      for (const table of TABLES) {
        await connection.run(`copy ${table} from '${csvPath(folder, table)}' (header)`);
      }
    }
    return new Duck(instance, connection);
  }

  /** The best time in milliseconds of a query with so many threads, all cores without. */
  async bestMs(sql: string, rounds: number, threads?: number): Promise<number> {
    await this.#connection.run(
      threads === undefined ? 'reset threads' : `set threads = ${threads}`,
    );
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < rounds; round += 1) {
      const before = process.hrtime.bigint();
      await this.#connection.runAndReadAll(sql);
      best = Math.min(best, Number(process.hrtime.bigint() - before) / 1e6);
    }
    return best;
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
