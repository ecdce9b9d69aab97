// An import: looks at the files, makes the table where it is not there, sends the files through COPY,
// all in one transaction. Nothing of it stays where it fails or is cancelled.
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import { copyPlaceOf, skipOptions, skippedRowsOf } from '../../util/copy-text.ts';
import { quoteIdentifier } from '../../util/quoting.ts';
import { messageText, type ServerMessage } from '../connection/server-message.ts';
import type { Session } from '../connection/session.ts';
import type { TerminalEnvironment } from '../environment.ts';
import { tableNameOf } from '../transfer/format.ts';
import { countText, Progress, rowsText } from '../transfer/progress.ts';
import { TransferCancelled, TransferError } from '../transfer/transfer-error.ts';
import type { ImportOptions } from './import-options.ts';
import type { InferredColumn } from './infer-columns.ts';
import { widerThan } from './infer-type.ts';
import { lineOfFile } from './line-of-file.ts';
import { NdjsonRows } from './ndjson-rows.ts';
import { type Input, openInput } from './open-input.ts';
import { type FilePlan, planFile } from './plan-file.ts';
import { RejectReport } from './reject-report.ts';
import { createTableText, findTable, type TargetTable } from './target-table.ts';

/** How often a table is made anew with a wider column, since a value behind the sample needs it. */
const WIDENINGS_MAX = 50;

/** A value that its type does not read: class 22. */
const DOES_NOT_FIT = /^22(P02|P03|003|007|008|00P|023)/;

/** An error of the server while a file was loaded, with its place in the file. */
class LoadError extends TransferError {
  readonly reason: ServerMessage;
  readonly file: string;

  constructor(file: string, reason: ServerMessage, text: string) {
    super(text);
    this.reason = reason;
    this.file = file;
  }
}

interface Loaded {
  readonly rows: number;
  readonly elapsedMs: number;
}

export class Import {
  readonly #options: ImportOptions;
  readonly #environment: TerminalEnvironment;
  readonly #session: Session;
  readonly #report: RejectReport;
  readonly #abort = new AbortController();
  /** Lines that went to the server so far, for the progress. */
  #lines = 0;
  #doneBytes = 0;
  #input: Input | undefined;
  #totalBytes: number | undefined;

  constructor(options: ImportOptions, environment: TerminalEnvironment, session: Session) {
    this.#options = options;
    this.#environment = environment;
    this.#session = session;
    this.#report = new RejectReport(options.report);
  }

  /** Ends the import; what was loaded goes. */
  cancel(): void {
    this.#abort.abort(new TransferCancelled());
    void this.#session.cancel();
  }

  /** Runs it and says what became of it. Throws `TransferError` or `TransferCancelled`. */
  async run(): Promise<void> {
    const { files, table } = this.#options;
    const name = table ?? tableNameOf(files[0] ?? '');
    if (name === '') throw new TransferError('standard input has no name: say --table NAME');
    const target = await findTable(this.#session, name);
    const { create } = this.#options;
    if (create === 'always' && target.columns !== undefined) {
      throw new TransferError(`the table ${target.identifier} is there already`);
    }
    if (create === 'never' && target.columns === undefined) {
      throw new TransferError(`there is no table ${target.identifier}`);
    }
    try {
      const { rows, elapsedMs } = await this.#loadWidening(target);
      this.#report.print(this.#errorSink());
      this.#summary(target, rows, elapsedMs);
    } catch (error) {
      // Too many were bad: these were.
      if (!this.#abort.signal.aborted) this.#report.print(this.#errorSink());
      throw error;
    } finally {
      this.#report.close();
    }
  }

  #errorSink() {
    return { write: (text: string) => void this.#environment.stderr.write(text) };
  }

  #summary({ identifier }: TargetTable, rows: number, elapsedMs: number): void {
    const seconds = elapsedMs / 1000;
    const rate = countText(rows / Math.max(seconds, 0.001));
    const left = this.#report.count;
    const skipped =
      left === 0 ? '' : `; ${countText(left)} line${left === 1 ? ' was' : 's were'} left out`;
    this.#environment.stdout.write(
      `imported ${rowsText(rows)} into ${identifier} in ${seconds.toFixed(2)} s (${rate} rows/s)${skipped}\n`,
    );
  }

  /** Loads; where a value does not fit a column that we made, widens it and starts over. */
  async #loadWidening(target: TargetTable): Promise<Loaded> {
    let columns: readonly InferredColumn[] | undefined;
    for (let attempt = 0; ; attempt += 1) {
      const inputs = this.#openAll();
      try {
        return await this.#load(target, inputs, columns, (made) => {
          columns = made;
        });
      } catch (error) {
        const isAgain = attempt < WIDENINGS_MAX && inputs.every(({ isFile }) => isFile);
        const wider = isAgain ? this.#widened(columns, error) : undefined;
        if (wider === undefined) throw error;
        columns = wider;
        this.#report.clear();
        this.#lines = 0;
        this.#doneBytes = 0;
      } finally {
        for (const input of inputs) input.close();
      }
    }
  }

  #openAll(): readonly Input[] {
    const { files } = this.#options;
    const inputs = files.map((file) => openInput(file, this.#environment.stdin));
    const sizes = inputs.map(({ totalBytes }) => totalBytes);
    this.#totalBytes = sizes.every((size) => size !== undefined)
      ? sizes.reduce((sum, size) => sum + size, 0)
      : undefined;
    return inputs;
  }

  #widened(
    columns: readonly InferredColumn[] | undefined,
    error: unknown,
  ): readonly InferredColumn[] | undefined {
    if (!(error instanceof LoadError) || !DOES_NOT_FIT.test(error.reason.code ?? ''))
      return undefined;
    const name = copyPlaceOf(error.reason.where)?.column;
    const column = columns?.find((known) => known.name === name);
    if (columns === undefined || column === undefined || column.type === 'text') return undefined;
    const type = widerThan(column.type);
    this.#environment.stderr.write(
      `${error.file}: column ${quoteIdentifier(column.name)} is no ${column.type} after all: made again as ${type}\n`,
    );
    return columns.map((known) => (known === column ? { ...known, type } : known));
  }

  async #load(
    target: TargetTable,
    inputs: readonly Input[],
    columns: readonly InferredColumn[] | undefined,
    made: (columns: readonly InferredColumn[]) => void,
  ): Promise<Loaded> {
    const { clock } = this.#environment;
    const [first] = inputs;
    if (first === undefined) throw new TransferError('no file');
    const firstPlan = await planFile(first, target.columns, this.#options);
    const create = target.columns === undefined ? (columns ?? firstPlan.inferred) : undefined;
    const known = target.columns ?? create?.map(({ name }) => ({ name, isArray: false })) ?? [];
    if (create !== undefined) made(create);
    const beganMs = clock.monotonicMs();
    await this.#run('BEGIN');
    const progress = this.#progress();
    try {
      if (create !== undefined) await this.#create(target, create);
      let rows = 0;
      for (const input of inputs) {
        const plan = input === first ? firstPlan : await planFile(input, known, this.#options);
        this.#input = input;
        rows += await this.#copy(target, input, plan);
        this.#doneBytes += input.readBytes();
        this.#input = undefined;
      }
      await this.#run('COMMIT');
      return { rows, elapsedMs: clock.monotonicMs() - beganMs };
    } catch (error) {
      await this.#session.run('ROLLBACK');
      throw error;
    } finally {
      progress?.stop();
    }
  }

  async #create({ identifier }: TargetTable, columns: readonly InferredColumn[]): Promise<void> {
    const text = createTableText(identifier, columns);
    this.#environment.stdout.write(`${text};\n`);
    await this.#run(text);
  }

  #progress(): Progress | undefined {
    const { stderr, clock } = this.#environment;
    if (!(this.#options.progress ?? stderr.isTTY === true)) return undefined;
    return new Progress({
      stream: stderr,
      clock,
      label: this.#options.files.length === 1 ? (this.#options.files[0] ?? '') : 'import',
      state: () => ({
        rows: this.#lines,
        bytes: this.#doneBytes + (this.#input?.readBytes() ?? 0),
        totalBytes: this.#totalBytes,
      }),
    });
  }

  async #run(text: string): Promise<void> {
    this.#abort.signal.throwIfAborted();
    const { error } = await this.#session.run(text);
    if (error !== undefined) throw new TransferError(messageText(error, text).trimEnd());
  }

  async #copy({ identifier }: TargetTable, input: Input, plan: FilePlan): Promise<number> {
    const { onError, rejectLimit } = this.#options;
    const columns = plan.columns?.map(quoteIdentifier).join(', ');
    const options = [...plan.copyOptions, ...(onError === 'skip' ? skipOptions(rejectLimit) : [])];
    const list = columns === undefined ? '' : ` (${columns})`;
    const text = `COPY ${identifier}${list} FROM STDIN WITH (${options.join(', ')})`;
    const ndjson = this.#ndjsonRows(input, plan);
    this.#session.onNotice = (notice) => this.#notice(input, notice, ndjson);
    const stream = this.#session.client.query(copyFrom(text));
    const bytes = ndjson === undefined ? input.bytes() : ndjson.rows(input.bytes());
    const { signal } = this.#abort;
    try {
      await pipeline(this.#counted(bytes), stream, { signal });
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      throw await this.#explain(input, error, ndjson);
    }
    return stream.rowCount;
  }

  async *#counted(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of bytes) {
      yield chunk;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.#lines += 1;
    }
  }

  #ndjsonRows(input: Input, { ndjson }: FilePlan): NdjsonRows | undefined {
    if (ndjson === undefined) return undefined;
    const { onError, rejectLimit } = this.#options;
    return new NdjsonRows({
      columns: ndjson,
      onReject: ({ line, reason, text }) => {
        const place = `${input.name}: line ${line}: ${reason}`;
        if (onError === 'stop') throw new TransferError(`${place}\n  ${text}`);
        const reject = { file: input.name, line, column: undefined, reason, value: text };
        this.#report.add({ ...reject, sqlstate: '22P04' });
        if (rejectLimit !== undefined && this.#report.count > rejectLimit) {
          throw new TransferError(`${place}\n  more than ${rejectLimit} lines are bad`);
        }
      },
    });
  }

  /** A line that the server left out, or that it left out some; anything else is shown. */
  #notice(input: Input, notice: ServerMessage, ndjson: NdjsonRows | undefined): void {
    const place = copyPlaceOf(notice.where);
    if (place !== undefined && this.#options.onError === 'skip') {
      this.#report.add({
        file: input.name,
        line: ndjson?.lineOfRow(place.line) ?? place.line,
        column: place.column,
        reason: notice.message ?? '',
        sqlstate: notice.code ?? '',
        value: place.value,
      });
    } else if (skippedRowsOf(notice.message) === undefined) {
      this.#environment.stderr.write(messageText(notice, undefined));
    }
  }

  async #explain(input: Input, error: unknown, ndjson: NdjsonRows | undefined): Promise<Error> {
    if (error instanceof TransferError) return error;
    const reason = error as ServerMessage & Error;
    if (reason.severity === undefined) return new TransferError(`${input.name}: ${reason.message}`);
    const style = { verbosity: 'default', showContext: 'never' } as const;
    const text = messageText(reason, undefined, style).trimEnd();
    const place = copyPlaceOf(reason.where);
    if (place === undefined) return new LoadError(input.name, reason, `${input.name}: ${text}`);
    const line = ndjson?.lineOfRow(place.line) ?? place.line;
    const { stdin } = this.#environment;
    const value =
      place.value ?? (input.isFile ? await lineOfFile(input.name, line, stdin) : undefined);
    const column = place.column === undefined ? '' : `, column ${place.column}`;
    const shown = value === undefined ? '' : `\n  ${value}`;
    return new LoadError(
      input.name,
      reason,
      `${input.name}: line ${line}${column}: ${text}${shown}`,
    );
  }
}
