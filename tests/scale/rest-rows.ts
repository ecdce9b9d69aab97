// Many rows go in and out by HTTP: the memory of the server and of the client stays where it was, and
// what is cancelled half way leaves no rows and no files.
//
//   node tests/scale/rest-rows.ts [rows]
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { mebibytes, usageOf } from '../support/process-usage.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

const MEBIBYTE = 1024 * 1024;
const POOL_BYTES = 128 * MEBIBYTE;
/** The pool, and all else. */
const SERVER_BYTES_MAX = POOL_BYTES + 400 * MEBIBYTE;
const CLIENT_BYTES_MAX = 400 * MEBIBYTE;
/** What the second half of the rows may add to what was resident at the first. */
const GROWTH_BYTES_MAX = 48 * MEBIBYTE;
const CHUNK_ROWS = 2000;
const SAMPLES = 20;
const PAUSE_MS = 50;
const PATIENCE_MS = 30 * 60 * 1000;

/** Waits until `isSo`, as long as many rows may take. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${what}`);
    await sleep(PAUSE_MS);
  }
}

interface RestRowsOptions {
  readonly rows: number;
  report(line: string): void;
}

type Format = 'csv' | 'ndjson';

const TYPES: Readonly<Record<Format, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

const line = (format: Format, id: number): string =>
  format === 'csv'
    ? `${id},${id % 1000},name ${id}\n`
    : `{"id":${id},"part":${id % 1000},"name":"name ${id}"}\n`;

/** A file of so many rows, made as it is read. */
function* fileOf(format: Format, rows: number, onRows: (done: number) => void): Generator<string> {
  if (format === 'csv') yield 'id,part,name\n';
  for (let id = 0; id < rows; ) {
    let piece = '';
    for (const end = Math.min(rows, id + CHUNK_ROWS); id < end; id += 1) piece += line(format, id);
    onRows(id);
    yield piece;
  }
}

interface Sample {
  readonly share: number;
  readonly server: number;
  readonly client: number;
}

/** Looks at the memory of both sides as a step goes on. */
class Curve {
  readonly #pid: number;
  readonly #samples: Sample[] = [];

  constructor(pid: number) {
    this.#pid = pid;
    // What is over before it was looked at has this to be held against.
    this.at(0);
  }

  /** `share` of the rows are done. */
  at(share: number): void {
    if (share * SAMPLES < this.#samples.length && share < 1) return;
    const { residentBytes: server } = usageOf(this.#pid);
    this.#samples.push({ share, server, client: process.memoryUsage.rss() });
  }

  toString(): string {
    const shown = (side: 'server' | 'client') =>
      this.#samples.map((sample) => Math.round(sample[side] / MEBIBYTE)).join(' ');
    return `server MiB ${shown('server')}; client MiB ${shown('client')}`;
  }

  /** What is wrong with it. */
  problems(what: string): readonly string[] {
    const found: string[] = [];
    const sides = [
      ['server', SERVER_BYTES_MAX],
      ['client', CLIENT_BYTES_MAX],
    ] as const;
    for (const [side, limit] of sides) {
      const most = (samples: readonly Sample[]) =>
        Math.max(0, ...samples.map((sample) => sample[side]));
      const peak = most(this.#samples);
      const growth = peak - most(this.#samples.filter(({ share }) => share <= 0.5));
      if (peak > limit) found.push(`${what}: the ${side} had ${mebibytes(peak)}`);
      if (growth > GROWTH_BYTES_MAX) {
        found.push(`${what}: the ${side} grew by ${mebibytes(growth)} in the second half`);
      }
    }
    return found;
  }
}

/** One run against one server. */
class Run {
  readonly #server: TestServer;
  readonly #options: RestRowsOptions;
  readonly #url: string;
  readonly problems: string[] = [];

  constructor(server: TestServer, options: RestRowsOptions) {
    this.#server = server;
    this.#options = options;
    this.#url = `http://127.0.0.1:${server.httpPort}/api/v1`;
  }

  async #call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const init = { method, headers: { 'content-type': 'application/json' } };
    const response = await fetch(
      `${this.#url}${path}`,
      body === undefined ? init : { ...init, body: JSON.stringify(body) },
    );
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${answer}`);
    return answer === '' ? {} : JSON.parse(answer);
  }

  async #sql(sql: string): Promise<unknown> {
    const { rows } = await this.#call('POST', '/query', { sql, format: 'arrays' });
    return JSON.stringify(rows);
  }

  #expect(what: string, found: unknown, wanted: unknown): void {
    if (String(found) !== String(wanted)) {
      this.problems.push(`${what}: found ${found}, wanted ${wanted}`);
    }
  }

  async #step(what: string, work: (curve: Curve) => Promise<unknown>): Promise<void> {
    const curve = new Curve(this.#server.pid);
    const beganMs = performance.now();
    await work(curve);
    const seconds = (performance.now() - beganMs) / 1000;
    const rate = Math.round(this.#options.rows / seconds).toLocaleString('en');
    this.#options.report(`${what}: ${seconds.toFixed(1)} s, ${rate} rows/s; ${curve}`);
    this.problems.push(...curve.problems(what));
  }

  #open(method: string, path: string, headers: Record<string, string>): ClientRequest {
    const opened = request(`${this.#url}${path}`, { method, headers });
    // One that is cut off on purpose.
    opened.on('error', () => undefined);
    return opened;
  }

  async #upload(
    table: string,
    format: Format,
    source: Iterable<string> | AsyncIterable<Uint8Array>,
    prefer = '',
  ): Promise<Record<string, unknown>> {
    const headers = { 'content-type': TYPES[format], prefer };
    const sent = this.#open('POST', `/import/${table}`, headers);
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    await pipeline(Readable.from(source), sent);
    const [answer] = await answered;
    return JSON.parse(await text(answer));
  }

  async #download(table: string, format: Format): Promise<IncomingMessage> {
    const asked = this.#open('GET', `/export/${table}?format=${format}`, {});
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return answer;
  }

  async #isLeft(what: string, table: string): Promise<void> {
    await until('nothing runs', async () => {
      const { total } = await this.#call('GET', '/queries');
      return total === 0;
    });
    this.#expect(`${what}: rows`, await this.#sql(`SELECT count(*) FROM ${table}`), '[[0]]');
    const files = readdirSync(join(this.#server.dataPath, 'tmp'));
    this.#expect(`${what}: files`, files.join(), '');
  }

  async importRows(): Promise<void> {
    const { rows } = this.#options;
    for (const [table, format] of [
      ['a', 'csv'],
      ['b', 'ndjson'],
    ] as const) {
      await this.#sql(`CREATE TABLE ${table} (id int PRIMARY KEY, part int, name text)`);
      const what = `import of ${format}`;
      await this.#step(what, async (curve) => {
        const file = fileOf(format, rows, (done) => curve.at(done / rows));
        const { accepted } = await this.#upload(table, format, file);
        this.#expect(what, accepted, rows);
      });
    }
    const sums = (table: string) => this.#sql(`SELECT count(*), sum(id) FROM ${table}`);
    this.#expect('what was imported', await sums('b'), await sums('a'));
  }

  async exportRows(): Promise<void> {
    const { rows } = this.#options;
    for (const format of ['csv', 'ndjson'] as const) {
      const what = `export of ${format}`;
      await this.#step(what, async (curve) => {
        let lines = 0;
        for await (const piece of await this.#download('a', format)) {
          for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
          curve.at(lines / rows);
        }
        this.#expect(what, lines, format === 'csv' ? rows + 1 : rows);
      });
    }
  }

  /** Both at a time: what one table gives another takes. */
  async copyRows(): Promise<void> {
    const { rows } = this.#options;
    await this.#sql('CREATE TABLE c (id int, part int, name text)');
    await this.#step('from a table to another', async (curve) => {
      let lines = 0;
      const source = await this.#download('a', 'ndjson');
      async function* watched(): AsyncGenerator<Uint8Array> {
        for await (const piece of source) {
          for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
          curve.at(lines / rows);
          yield piece;
        }
      }
      const { accepted } = await this.#upload('c', 'ndjson', watched());
      this.#expect('from a table to another', accepted, rows);
    });
    await this.#sql('DROP TABLE c');
  }

  /** A job, with its progress, to its end. */
  async runJob(): Promise<void> {
    const { rows } = this.#options;
    await this.#sql('CREATE TABLE d (id int PRIMARY KEY, part int, name text)');
    await this.#step('import as a job', async (curve) => {
      const file = fileOf('csv', rows, () => undefined);
      const { jobId } = await this.#upload('d', 'csv', file, 'respond-async');
      let job: Record<string, unknown> = {};
      await until('the job ends', async () => {
        job = await this.#call('GET', `/jobs/${jobId}`);
        curve.at(Number(job.progress));
        return job.finished !== null;
      });
      this.#expect('import as a job', (job.result as { accepted?: number })?.accepted, rows);
    });
    await this.#sql('DROP TABLE d');
  }

  /** Cancels the job that runs. */
  async #cancelJob(): Promise<void> {
    const { items } = await this.#call('GET', '/jobs?limit=1');
    const [job] = items as { id: string }[];
    await this.#call('DELETE', `/jobs/${job?.id}`);
  }

  async cancelHalfWay(): Promise<void> {
    const { rows } = this.#options;
    await this.#sql('CREATE TABLE e (id int PRIMARY KEY, part int, name text)');
    await this.#step('a client that leaves half way', async (curve) => {
      const sent = this.#open('POST', '/import/e', { 'content-type': TYPES.csv });
      const file = fileOf('csv', rows, (done) => {
        curve.at(done / rows);
        if (done >= rows / 2) sent.destroy();
      });
      await pipeline(Readable.from(file), sent).catch(() => undefined);
      await this.#isLeft('a client that leaves half way', 'e');
    });
    await this.#step('a job that is cancelled', async (curve) => {
      let done = 0;
      const file = fileOf('csv', rows, (sent) => {
        done = sent;
        curve.at(done / rows);
      });
      const cancel = () => this.#cancelJob();
      async function* cancelled(): AsyncGenerator<Buffer> {
        let isCancelled = false;
        for (const piece of file) {
          if (!isCancelled && done >= rows / 2) {
            isCancelled = true;
            await cancel();
          }
          yield Buffer.from(piece);
        }
      }
      const { jobId } = await this.#upload('e', 'csv', cancelled(), 'respond-async');
      let job: Record<string, unknown> = {};
      await until('the job ends', async () => {
        job = await this.#call('GET', `/jobs/${jobId}`);
        return job.finished !== null;
      });
      this.#expect('a job that is cancelled', job.state, 'cancelled');
      await this.#isLeft('a job that is cancelled', 'e');
    });
    await this.#step('an export that is left half way', async (curve) => {
      const source = await this.#download('a', 'csv');
      let lines = 0;
      for await (const piece of source) {
        for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
        curve.at(lines / rows);
        if (lines >= rows / 2) break;
      }
      source.destroy();
      await this.#isLeft('an export that is left half way', 'e');
    });
  }
}

/** Gives what is wrong: nothing, where all is well. */
async function runRestRows(options: RestRowsOptions): Promise<readonly string[]> {
  const flags = ['--data.buffer_pool_bytes', String(POOL_BYTES)];
  const server = await startTestServer({ flags });
  const run = new Run(server, options);
  try {
    await run.importRows();
    await run.exportRows();
    await run.copyRows();
    await run.runJob();
    await run.cancelHalfWay();
  } finally {
    const code = await server.stop();
    if (code !== 0) run.problems.push(`the server ended with ${code}: ${server.log()}`);
  }
  return run.problems;
}

if (import.meta.main) {
  const [rows = 10_000_000] = process.argv.slice(2).map(Number);
  const report = (said: string) => process.stdout.write(`${said}\n`);
  const problems = await runRestRows({ rows, report });
  for (const problem of problems) report(`WRONG: ${problem}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}
