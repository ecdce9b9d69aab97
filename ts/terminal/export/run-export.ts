// An export: a table or the result of a query through COPY TO STDOUT into a file, with back-pressure.
import { pipeline } from 'node:stream/promises';
import { to as copyTo } from 'pg-copy-streams';
import { quoteLiteral } from '../../util/quoting.ts';
import { connect } from '../connection/connect.ts';
import type { ConnectionOptions } from '../connection/connection-options.ts';
import { messageText, type ServerMessage } from '../connection/server-message.ts';
import type { Session } from '../connection/session.ts';
import type { TerminalEnvironment } from '../environment.ts';
import { tableIdentifier } from '../import/target-table.ts';
import { readHidden } from '../shell/read-hidden.ts';
import { fileErrorText } from '../shell/system-error.ts';
import { csvCopyOptions, type FileFormat } from '../transfer/format.ts';
import { bytesText, countText, Progress, rowsText } from '../transfer/progress.ts';
import { ReaderGone, TransferCancelled, TransferError } from '../transfer/transfer-error.ts';
import { openTarget } from './open-target.ts';

/** What a command line of `rustydb export` asks for. */
export interface ExportOptions {
  readonly connection: ConnectionOptions;
  readonly source:
    | { readonly kind: 'table'; readonly name: string }
    | { readonly kind: 'query'; readonly text: string };
  /** `-` is standard output. */
  readonly file: string;
  readonly format: FileFormat;
  readonly delimiter: string | undefined;
  readonly nullText: string;
  readonly hasHeader: boolean;
  /** Undefined shows it on a screen. */
  readonly progress: boolean | undefined;
}

class Export {
  readonly #options: ExportOptions;
  readonly #environment: TerminalEnvironment;
  readonly #session: Session;
  readonly #abort = new AbortController();
  #bytes = 0;
  #lines = 0;

  constructor(options: ExportOptions, environment: TerminalEnvironment, session: Session) {
    this.#options = options;
    this.#environment = environment;
    this.#session = session;
  }

  cancel(): void {
    this.#abort.abort(new TransferCancelled());
    void this.#session.cancel();
  }

  async run(): Promise<void> {
    const { file } = this.#options;
    const { clock, stdout, stderr } = this.#environment;
    const text = await this.#copyText();
    const target = await openTarget(file, stdout);
    const beganMs = clock.monotonicMs();
    const wantsProgress = this.#options.progress ?? (stderr.isTTY === true && file !== '-');
    const progress = wantsProgress ? this.#progress() : undefined;
    let rows: number;
    try {
      rows = await this.#copy(text, target.streams);
      await target.commit();
    } catch (error) {
      await target.discard();
      throw this.#explain(error, text);
    } finally {
      progress?.stop();
    }
    if (file === '-') return;
    const seconds = (clock.monotonicMs() - beganMs) / 1000;
    const rate = countText(rows / Math.max(seconds, 0.001));
    stdout.write(
      `exported ${rowsText(rows)}, ${bytesText(this.#bytes)}, to ${file} in ${seconds.toFixed(2)} s (${rate} rows/s)\n`,
    );
  }

  async #copyText(): Promise<string> {
    const { source, format, nullText, hasHeader } = this.#options;
    const isTable = source.kind === 'table';
    const name = isTable ? tableIdentifier(source.name) : '';
    const query = isTable ? `TABLE ${name}` : source.text.replace(/[\s;]+$/, '');
    const delimiter = this.#options.delimiter ?? (format === 'tsv' ? '\t' : ',');
    const options =
      format === 'ndjson'
        ? 'FORMAT ndjson'
        : csvCopyOptions({ delimiter, quote: '"', nullText }, hasHeader).join(', ');
    const isPlain = isTable && (await this.#isPlainTable(name));
    return `COPY ${isPlain ? name : `(${query}\n)`} TO STDOUT WITH (${options})`;
  }

  /** COPY takes tables by name; views and the rest need a query. */
  async #isPlainTable(identifier: string): Promise<boolean> {
    const { rows } = await this.#session.rows(
      `SELECT relkind FROM pg_catalog.pg_class WHERE oid = pg_catalog.to_regclass(${quoteLiteral(identifier)})::pg_catalog.oid`,
    );
    return rows[0]?.[0] === 'r';
  }

  #progress(): Progress {
    const { stderr, clock } = this.#environment;
    return new Progress({
      stream: stderr,
      clock,
      label: this.#options.file,
      state: () => ({ rows: this.#lines, bytes: this.#bytes, totalBytes: undefined }),
    });
  }

  async #copy(
    text: string,
    [through, destination]: readonly [NodeJS.ReadWriteStream, NodeJS.WritableStream],
  ): Promise<number> {
    const { signal } = this.#abort;
    signal.throwIfAborted();
    const stream = this.#session.client.query(copyTo(text));
    await pipeline(this.#counted(stream), through, destination, { signal });
    return stream.rowCount;
  }

  async *#counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#bytes += chunk.length;
      for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) this.#lines += 1;
      yield chunk;
    }
  }

  #explain(error: unknown, text: string): Error {
    if (this.#abort.signal.aborted) return this.#abort.signal.reason;
    const message = error as ServerMessage & NodeJS.ErrnoException;
    if (message.severity !== undefined) {
      return new TransferError(messageText(message, text).trimEnd(), { cause: error });
    }
    if (message.code === 'EPIPE') return new ReaderGone();
    return new TransferError(fileErrorText(this.#options.file, error), { cause: error });
  }
}

/** Runs an export; the exit code: 0, or 1 where there is no file. Throws `ConnectFailure`. */
export async function runExport(
  options: ExportOptions,
  environment: TerminalEnvironment,
): Promise<0 | 1> {
  const ask = () => readHidden(environment, `Password for user ${options.connection.user}: `);
  const session = await connect(options.connection, ask);
  const running = new Export(options, environment, session);
  const forget = environment.onInterrupt(() => running.cancel());
  try {
    await running.run();
    return 0;
  } catch (error) {
    if (error instanceof ReaderGone) return 1;
    const isCancelled = error instanceof TransferCancelled;
    if (!isCancelled && !(error instanceof TransferError)) throw error;
    const what = isCancelled ? 'cancelled' : error.message;
    environment.stderr.write(`rustydb: error: ${what}\nnothing was exported\n`);
    return 1;
  } finally {
    forget();
    await session.close();
  }
}
