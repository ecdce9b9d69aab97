import type { Session, TakeBytes } from '../engine/index.ts';
import { type Column, decodersOf, type QueryOptions, type Row, requestOf } from './result.ts';

const NEWLINE = 0x0a;

/** Rows from lines: first the columns, then an array a row. */
class LineParser {
  #rest: Buffer = Buffer.alloc(0);
  #columns: readonly Column[] | undefined;
  #decoders: ReturnType<typeof decodersOf> = [];

  /** The rows that these bytes complete. */
  push(bytes: Buffer): Row[] {
    const data = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const rows: Row[] = [];
    let start = 0;
    for (;;) {
      const end = data.indexOf(NEWLINE, start);
      if (end === -1) break;
      const line: unknown = JSON.parse(data.toString('utf8', start, end));
      start = end + 1;
      if (this.#columns === undefined) {
        this.#columns = line as readonly Column[];
        this.#decoders = decodersOf(this.#columns);
      } else {
        rows.push(this.#row(this.#columns, line as unknown[]));
      }
    }
    this.#rest = Buffer.from(data.subarray(start));
    return rows;
  }

  #row(columns: readonly Column[], values: readonly unknown[]): Row {
    const row: Row = {};
    for (const [at, { name }] of columns.entries()) {
      const decode = this.#decoders[at];
      row[name] = decode === undefined ? values[at] : decode(values[at]);
    }
    return row;
  }
}

/**
 * The rows of a statement, one at a time. The statement pauses while its rows are not taken, so that
 * memory does not grow with the result; leaving the loop interrupts it.
 */
export async function* streamRows<T>(
  session: Session,
  sql: string,
  parameters: readonly unknown[],
  options: QueryOptions,
): AsyncGenerator<T, void, void> {
  const parser = new LineParser();
  let batch = Promise.withResolvers<Row[] | undefined>();
  let taken = Promise.withResolvers<void>();
  const left = new AbortController();
  const signal =
    options.signal === undefined ? left.signal : AbortSignal.any([left.signal, options.signal]);
  const take: TakeBytes = (bytes) => {
    // Nobody takes these rows: the statement is interrupted.
    if (left.signal.aborted) return;
    const rows = parser.push(bytes);
    if (rows.length === 0) return;
    taken = Promise.withResolvers();
    batch.resolve(rows);
    return taken.promise;
  };
  const request = { ...requestOf(sql, parameters, options), signal, layout: 'lines' } as const;
  const run = (async () => session.run(request, take))().then(
    () => batch.resolve(undefined),
    (error) => batch.reject(error),
  );
  try {
    for (;;) {
      const rows = await batch.promise;
      if (rows === undefined) return;
      yield* rows as T[];
      batch = Promise.withResolvers();
      taken.resolve();
    }
  } finally {
    // Whoever left early does not hear of the interruption that this causes.
    batch.promise.catch(() => undefined);
    left.abort();
    taken.resolve();
    await run;
  }
}
