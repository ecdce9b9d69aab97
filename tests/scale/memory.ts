// A table many times as large as the pool is loaded and read, and long results go to quick and slow
// readers: the server's memory stays where the pool and a fixed share beside it put it.
//
//   node tests/scale/memory.ts [MiB to load] [rows of a generated result]
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { connection } from '../support/connection.ts';
import { mebibytes, usageOf } from '../support/process-usage.ts';
import { message, RawClient } from '../support/raw-client.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MEBIBYTE = 1024 * 1024;
const POOL_BYTES = 256 * MEBIBYTE;
/** The pool, and all else. */
const PEAK_BYTES_MAX = 600 * MEBIBYTE;
/** What a long result may add to what was resident before it. */
const STREAM_BYTES_MAX = 32 * MEBIBYTE;
/** Characters of a row's text; with its numbers about 224 bytes as COPY sends it. */
const BODY_CHARACTERS = 200;
const COPY_CHUNK_ROWS = 2000;
const SLOW_PAUSES = 5;

export interface MemoryOptions {
  readonly loadBytes: number;
  readonly generatedRows: number;
  /** How long a slow reader reads nothing, several times. */
  readonly pauseMs: number;
  report(line: string): void;
}

/** One run against one server. */
class Run {
  readonly #server: TestServer;
  readonly #options: MemoryOptions;
  readonly problems: string[] = [];
  #rows = 0;

  constructor(server: TestServer, options: MemoryOptions) {
    this.#server = server;
    this.#options = options;
  }

  /** Runs a step and judges the most that was resident while it ran. */
  async #step(what: string, growthMax: number, step: () => Promise<void>): Promise<void> {
    const { pid } = this.#server;
    // Linux starts the peak anew.
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
    const before = usageOf(pid).residentBytes;
    await step();
    const { peakBytes } = usageOf(pid);
    this.#options.report(`${what}: ${mebibytes(before)}, at most ${mebibytes(peakBytes)}`);
    if (peakBytes > PEAK_BYTES_MAX) this.problems.push(`${what}: ${mebibytes(peakBytes)}`);
    const growth = peakBytes - before;
    if (growth > growthMax) this.problems.push(`${what}: memory grew by ${mebibytes(growth)}`);
  }

  #expect(what: string, found: unknown, wanted: unknown): void {
    if (String(found) !== String(wanted)) {
      this.problems.push(`${what}: found ${found}, wanted ${wanted}`);
    }
  }

  async load(): Promise<void> {
    const client = new RawClient(this.#server.port);
    await client.start();
    await client.query('CREATE TABLE big (id int PRIMARY KEY, part int, body text)', 'Z');
    await this.#step('COPY FROM', PEAK_BYTES_MAX, async () => {
      await client.query('COPY big FROM STDIN', 'GE');
      const filler = 'abcdefghij'.repeat(BODY_CHARACTERS / 10);
      for (let sent = 0; sent < this.#options.loadBytes; ) {
        let text = '';
        for (let row = 0; row < COPY_CHUNK_ROWS; row += 1, this.#rows += 1) {
          const tail = String(this.#rows);
          const body = filler.slice(tail.length) + tail;
          text += `${this.#rows}\t${this.#rows % 1000}\t${body}\n`;
        }
        sent += text.length;
        await client.write(message('d', text));
      }
      await client.send(message('c'), 'Z');
    });
    this.#expect('COPY FROM', client.errors.join(), '');
    client.vanish(false);
  }

  async scan(): Promise<void> {
    const client = connection(this.#server.port);
    await client.connect();
    const ask = (what: string, sql: string, wanted: unknown) =>
      this.#step(what, PEAK_BYTES_MAX, async () => {
        const { rows } = await client.query({ text: sql, rowMode: 'array' });
        this.#expect(what, JSON.stringify(rows), JSON.stringify(wanted));
      });
    const rows = this.#rows;
    const sum = (BigInt(rows) * BigInt(rows - 1)) / 2n;
    await ask('count', 'SELECT count(*) FROM big', [[String(rows)]]);
    await ask('sum', 'SELECT sum(id), min(length(body)) FROM big', [
      [String(sum), BODY_CHARACTERS],
    ]);
    const filtered = String(Math.ceil((rows - 7) / 1000));
    await ask('filtered scan', 'SELECT count(*) FROM big WHERE part = 7', [[filtered]]);
    const like = "SELECT count(*) FROM big WHERE body LIKE '%j77'";
    const wanted = rows > 77 ? '1' : '0';
    await ask('filtered by text', like, [[wanted]]);
    const groups = 'SELECT part, count(*) FROM big GROUP BY part ORDER BY 2 DESC, 1 LIMIT 1';
    await ask('groups', groups, [[0, String(Math.ceil(rows / 1000))]]);
    const top = 'SELECT id FROM big ORDER BY part DESC, body DESC LIMIT 2';
    await this.#step('ORDER BY LIMIT', PEAK_BYTES_MAX, async () => {
      const { rows: found } = await client.query(top);
      this.#expect('ORDER BY LIMIT', found.map(({ id }) => id % 1000).join(), '999,999');
    });
    await client.end();
  }

  /** Long results by each way to ask for them, read at once and slowly. */
  async stream(): Promise<void> {
    const { generatedRows } = this.#options;
    const sources = [
      { name: 'generated', sql: `SELECT * FROM generate_series(1, ${generatedRows})` },
      { name: 'stored', sql: 'SELECT id, part FROM big' },
    ];
    for (const { name, sql } of sources) {
      const wanted = name === 'stored' ? this.#rows : generatedRows;
      const ways = {
        simple: message('Q', `${sql}\0`),
        extended: Buffer.concat([
          message('P', `\0${sql}\0\0\0`),
          message('B', '\0\0\0\0\0\0\0\0'),
          message('E', '\0\0\0\0\0'),
          message('S'),
        ]),
        copy: message('Q', `COPY (${sql}) TO STDOUT\0`),
      };
      for (const [way, ask] of Object.entries(ways)) {
        for (const isSlow of [false, true]) {
          const what = `${name}, ${way}${isSlow ? ', slow' : ''}`;
          await this.#step(what, STREAM_BYTES_MAX, () => this.#read(what, ask, wanted, isSlow));
        }
      }
    }
  }

  async #read(what: string, ask: Buffer, wanted: number, isSlow: boolean): Promise<void> {
    const client = new RawClient(this.#server.port);
    await client.start();
    const end = client.send(ask, 'Z');
    if (isSlow) {
      await client.until('DdE');
      for (let pause = 0; pause < SLOW_PAUSES; pause += 1) {
        client.pause();
        await sleep(this.#options.pauseMs);
        client.resume();
        await sleep(this.#options.pauseMs / 100);
      }
    }
    await end;
    this.#expect(`${what}: errors`, client.errors.join(), '');
    this.#expect(`${what}: rows`, client.countOf('D') + client.countOf('d'), wanted);
    client.vanish(false);
  }
}

/** Gives what is wrong: nothing, where all is well. */
export async function runMemory(options: MemoryOptions): Promise<readonly string[]> {
  const flags = ['--data.buffer_pool_bytes', String(POOL_BYTES)];
  const server = await startTestServer({ flags });
  const run = new Run(server, options);
  try {
    await run.load();
    await run.scan();
    await run.stream();
  } finally {
    const code = await server.stop();
    if (code !== 0) run.problems.push(`the server ended with ${code}: ${server.log()}`);
  }
  return run.problems;
}

if (import.meta.main) {
  const [loadMebibytes = 2048, generatedRows = 10_000_000] = process.argv.slice(2).map(Number);
  const report = (line: string) => process.stdout.write(`${line}\n`);
  const loadBytes = loadMebibytes * MEBIBYTE;
  const problems = await runMemory({ loadBytes, generatedRows, pauseMs: 1000, report });
  for (const problem of problems) report(`WRONG: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
